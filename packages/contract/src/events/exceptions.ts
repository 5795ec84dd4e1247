import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

/** Signed exceptions from refusals of a release. */
export const EXCEPTION_EVENTS = {
  "exception.added": {
    says: "A signed exception was added: units may be flashed with a release that is refused otherwise. `reason` stands in what was signed.",
    subject: "exception",
    versions: [
      z.object({
        product: z.string(),
        version: z.string(),
        manifestSha256: z.string(),
        lifts: z.array(z.string()),
        serials: z.array(z.string()),
        units: z.number().int(),
        plant: z.string().nullable(),
        stations: z.array(z.string()),
        from: z.string(),
        until: z.string(),
        keyId: z.string(),
      }),
    ],
  },
  "exception.used": {
    says: "A unit was started under an exception for the first time; `used` of `units` have been.",
    subject: "exception",
    versions: [
      z.object({
        serial: z.string(),
        product: z.string(),
        version: z.string(),
        order: z.string(),
        station: z.string().nullable(),
        attemptId: z.string(),
        used: z.number().int(),
        units: z.number().int(),
      }),
    ],
  },
  "exception.withdrawn": {
    says: "No unit is started under an exception any more.",
    subject: "exception",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
