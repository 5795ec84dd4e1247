import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

const OrderAdded = z.object({
  product: z.string(),
  version: z.string(),
  quantity: z.number().int(),
});

/** Work orders: made, changed while they run, closed. */
export const ORDER_EVENTS = {
  "order.added": {
    says: "A work order was created and put into the queues of stations. It names `version`, or follows `channel`, in which that was. In version 1 `was` is the order that a station left for it.",
    subject: "order",
    versions: [
      OrderAdded.extend({
        stations: z.array(z.object({ name: z.string(), was: z.string().nullable() })),
      }),
      OrderAdded.extend({ stations: z.array(z.string()) }),
      OrderAdded.extend({ stations: z.array(z.string()), channel: z.string().nullable() }),
    ],
  },
  "order.closed": {
    says: "A work order takes no more jobs; `stations` had it.",
    subject: "order",
    versions: [z.object({ stations: z.array(z.string()) })],
  },
  "order.reopened": {
    says: "A closed work order goes on, at `stations`.",
    subject: "order",
    versions: [z.object({ stations: z.array(z.string()) })],
  },
  "order.stations-set": {
    says: "Stations got a work order into their queues, or another priority of it; they left the order `from` for it, where there is one.",
    subject: "order",
    versions: [
      z.object({
        stations: z.array(z.object({ name: z.string(), priority: z.number().int() })),
        from: z.string().nullable(),
      }),
    ],
  },
  "order.stations-removed": {
    says: "Stations do not have a work order any more; they left it for the order `to`, where there is one. Open jobs come to their end.",
    subject: "order",
    versions: [z.object({ stations: z.array(z.string()), to: z.string().nullable() })],
  },
  "order.quantity-changed": {
    says: "A work order is for more or fewer units (`before`, `after`); `used` were used up.",
    subject: "order",
    versions: [z.object({ used: z.number().int() })],
  },
  "order.release-changed": {
    says: "The next units of a work order get another release, or it follows a channel (`before`, `after`). Open jobs keep theirs.",
    subject: "order",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
