import { z } from "zod";
import { Reason } from "./holds.ts";

const rules = {
  /** What a badge's content begins with, as readers type it; upper and lower case are the same. By it a badge is told from a label. */
  badgePrefix: z
    .string()
    .trim()
    .min(1)
    .max(40)
    .regex(/^[!-~]+$/, "expected characters that a scanner types, without blanks"),
  /** No unit is started while nobody is logged in at the station. */
  required: z.boolean(),
  /** Who does nothing for so long is logged out; 0: nobody is. */
  idleMinutes: z.number().int().min(0).max(1_440),
  /** Who is logged in is logged out when their shift ends. */
  shiftEnd: z.boolean(),
};

/** How people work at the stations of a plant. */
export const OperatorRules = z.object(rules);
export type OperatorRules = z.infer<typeof OperatorRules>;

/** What holds where nobody has said otherwise: badges are known, and a plant without badges notices nothing of it. */
export const OPERATOR_RULES: OperatorRules = {
  badgePrefix: "FL-BADGE-",
  required: false,
  idleMinutes: 0,
  shiftEnd: true,
};

/** What is to hold in a plant; what is left out stays as it is. */
export const PlantOperatorsRequest = OperatorRules.partial().extend({ reason: Reason });

/** What a station has of its own; null: as its plant. */
export const StationOperatorRules = z.object({
  badgePrefix: rules.badgePrefix.nullable(),
  required: rules.required.nullable(),
  idleMinutes: rules.idleMinutes.nullable(),
  shiftEnd: rules.shiftEnd.nullable(),
});
export type StationOperatorRules = z.infer<typeof StationOperatorRules>;

/** What is to hold at a station; what is left out stays as it is, null is as its plant again. */
export const StationOperatorsRequest = StationOperatorRules.partial().extend({ reason: Reason });

/** What holds at a station, and what of it is its own. */
export const StationOperators = z.object({ own: StationOperatorRules, rules: OperatorRules });
export type StationOperators = z.infer<typeof StationOperators>;
