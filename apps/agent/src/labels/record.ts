import { LabelEntry } from "@flashline/contract";
import { z } from "zod";

/** A label as it stands on this PC's disk, with all that became of it. */
export const LabelRecord = z.object({
  attemptId: z.string(),
  serial: z.string(),
  nest: z.string(),
  /** When the unit passed, an ISO date. */
  at: z.string(),
  durationMs: z.number(),
  /** What is sent to the printer. */
  zpl: z.string(),
  /** What the label must say when it is scanned; null: nobody scans it. */
  code: z.string().nullable(),
  /** A print is under way: found by the next life of the agent, nobody knows how far it got. */
  begun: z.boolean(),
  /** It was printed for a unit that had left its nest: no nest waits for it any more. */
  late: z.boolean(),
  entries: z.array(LabelEntry),
  /** So many entries the server has. */
  delivered: z.number().int(),
});
export type LabelRecord = z.infer<typeof LabelRecord>;

/** What a label waits for, as its entries tell. */
export type LabelWait = "print" | "answer" | "scan" | "nothing";

/** Without regard to a print that is under way. */
export function waitsFor({ entries, code, late }: LabelRecord): LabelWait {
  if (late) return "nothing";
  const last = entries.findLast(({ deed }) => deed !== "mixed" && deed !== "reprint");
  switch (last?.deed) {
    case undefined:
      return "print";
    case "printed":
      return code === null ? "nothing" : "scan";
    case "doubtful":
      return "answer";
    default:
      return "nothing";
  }
}
