import { z } from "zod";
import { Name, text } from "./common.ts";

/** One row of a list of serials. What is absent or empty is not said: a known unit keeps what it has. */
export const SerialRow = z.object({
  /** Where it stands in the list that a person has, for the report. */
  line: z.number().int().positive(),
  /** As written; what cannot be a serial is reported and not refused with the whole request. */
  serial: text(200),
  boardRevision: text(200).optional(),
  batch: text(200).optional(),
  /** Number of the work order that alone may take the unit while it is open. */
  order: text(200).optional(),
});
export type SerialRow = z.infer<typeof SerialRow>;

/** A list of one product's serials, all or none; with `skipBad` all that can be taken. */
export const SerialListRequest = z.object({
  product: Name,
  rows: z.array(SerialRow).min(1).max(20_000),
  skipBad: z.boolean().default(false),
});

/** A row that cannot be taken. `details` of a refused list are these, at most a thousand. */
export const BadRow = z.object({
  line: z.number().int(),
  /** What is wrong in it, as written. */
  value: z.string(),
  code: z.string(),
  message: z.string(),
});
export type BadRow = z.infer<typeof BadRow>;

/** How many units are new and how many were known with this content, and how many rows were left out. */
export const SerialListAnswer = z.object({
  added: z.number().int(),
  known: z.number().int(),
  leftOut: z.number().int(),
  /** Of the rows that were left out the first thousand. */
  bad: z.array(BadRow),
});
