import { z } from "zod";
import type { EventKind } from "./event.ts";

/** Work orders, jobs and attempts. */
export const WORK_EVENTS = {
  "order.added": {
    says: "A work order was created and set at stations; `was` is the number of the order that a station worked on before.",
    subject: "order",
    versions: [
      z.object({
        product: z.string(),
        version: z.string(),
        quantity: z.number().int(),
        stations: z.array(z.object({ name: z.string(), was: z.string().nullable() })),
      }),
    ],
  },
  "order.closed": {
    says: "A work order takes no more jobs; `stations` had it and have none now.",
    subject: "order",
    versions: [z.object({ stations: z.array(z.string()) })],
  },
  "result.contradicted": {
    says: "A result contradicts its job or itself. It is kept as evidence and never makes a unit PASSED.",
    subject: "attempt",
    versions: [
      z.object({
        serial: z.string(),
        outcome: z.string(),
        contradictions: z.array(z.string()),
      }),
    ],
  },
} as const satisfies Record<string, EventKind>;

/** The server itself. */
export const SERVER_EVENTS = {
  "server.restored": {
    says: "The server's data was made from a back-up; everything after `createdAt` is missing.",
    subject: "server",
    versions: [
      z.object({
        createdAt: z.string(),
        from: z.string(),
        version: z.string(),
        skipNumbers: z.number().int(),
      }),
    ],
  },
  "audit.imported": {
    says: "An entry of the audit log that there was before the ledger, as it stood there.",
    subject: "other",
    versions: [z.object({ action: z.string() })],
  },
} as const satisfies Record<string, EventKind>;
