import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

/** Where a badge was shown; null where it was decided on a page or by command. */
const station = z.string().nullable();

/** What people did about units that failed. */
export const REWORK_EVENTS = {
  "unit.repaired": {
    says: "A repair was recorded after a failed attempt; `reason` says what was done. Failures until then do not count any more.",
    subject: "unit",
    versions: [z.object({ attemptId: z.string() })],
  },
  "unit.retest-allowed": {
    says: "A unit that had failed as often as its product allows may be tried once more.",
    subject: "unit",
    versions: [
      z.object({ failures: z.number().int() }),
      z.object({ failures: z.number().int(), station, nest: station }),
    ],
  },
  "unit.hold-overridden": {
    says: "A unit that a hold is on, itself or its batch, may be started once, by a badge at its station. The hold stays.",
    subject: "unit",
    versions: [z.object({ station, nest: station })],
  },
  "unit.scrapped": { says: "A unit was scrapped.", subject: "unit", versions: [nothing] },
  "unit.unscrapped": {
    says: "That a unit was scrapped was taken back.",
    subject: "unit",
    versions: [nothing],
  },
  "product.retest-limit-changed": {
    says: "Units of a product may fail more or less often (`before`, `after`) before a lead is asked.",
    subject: "product",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
