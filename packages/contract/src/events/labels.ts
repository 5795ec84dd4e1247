import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

/** Where a label was printed. The event's subject has the attempt's id and the unit's serial. */
const Deed = z.object({
  product: z.string(),
  station: z.string(),
  nest: z.string(),
  /** Its place in the label's history, and the station's clock. */
  n: z.number().int(),
  at: z.string(),
  /** Who was logged in at the station: a person's id, never their name. Null: nobody. */
  operator: z.string().nullable(),
});

/** What became of the labels of units that passed. */
export const LABEL_EVENTS = {
  "product.label-set": {
    says: "Units of a product get another label, or none (`before`, `after`: its digest, its length, and what is scanned back).",
    subject: "product",
    versions: [nothing],
  },
  "label.printed": {
    says: "A station's printer took the label of a unit that passed.",
    subject: "attempt",
    versions: [Deed],
  },
  "label.doubtful": {
    says: "The print of a unit's label was cut off: whether there is a label was not known then.",
    subject: "attempt",
    versions: [Deed],
  },
  "label.scanned": {
    says: "A unit's own label was scanned after its print.",
    subject: "attempt",
    versions: [Deed],
  },
  "label.mixed": {
    says: "Where a unit's label was to be scanned, another code was (`scanned`); it was refused.",
    subject: "attempt",
    versions: [Deed.extend({ scanned: z.string() })],
  },
  "label.reprint": {
    says: "A unit's label was to be printed once more; `reason` says why.",
    subject: "attempt",
    versions: [Deed],
  },
  "label.skipped": {
    says: "A unit that passed went on without a label, by the word of a person at its station.",
    subject: "attempt",
    versions: [Deed],
  },
  "label.no-printer": {
    says: "A unit that passed went on without a label, because its station has no printer.",
    subject: "attempt",
    versions: [Deed],
  },
} as const satisfies Record<string, EventKind>;
