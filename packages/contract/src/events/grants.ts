import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

const Counted = z.object({
  order: z.string(),
  station: z.string(),
  units: z.number().int(),
  used: z.number().int(),
});

/** What stations may flash while the server is away. */
export const GRANT_EVENTS = {
  "grant.given": {
    says: "A station may flash so many units of an order while the server is away. Their places are kept in the order's count.",
    subject: "grant",
    versions: [
      z.object({
        order: z.string(),
        product: z.string(),
        version: z.string(),
        station: z.string(),
        units: z.number().int(),
        until: z.string(),
      }),
    ],
  },
  "grant.returned": {
    says: "A station gave its grant back: the results of `used` places are in, and the others are free again.",
    subject: "grant",
    versions: [Counted],
  },
  "grant.ended": {
    says: "A person ended a grant whose station did not give it back. Places without a result are free again; what the station flashed on them counts once it is told.",
    subject: "grant",
    versions: [Counted],
  },
  "plant.grants-set": {
    says: "For how long and for how many units a plant's stations may flash without the server changed (`before`, `after`).",
    subject: "plant",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
