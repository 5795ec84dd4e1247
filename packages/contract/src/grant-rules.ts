import { z } from "zod";

/** A grant holds for at most so many hours, whatever a plant says. */
export const LONGEST_GRANT_HOURS = 24;
/** What a plant gets that switches grants on and says no other figure, hours. */
export const USUAL_GRANT_HOURS = 8;
/** It is for at most so many units. */
export const MOST_GRANTED_UNITS = 500;
/** For how long, and for how many units at once, a plant's stations may flash while the server is away. 0 hours: not at all. */
export const GrantRules = z.object({
  hours: z.number().int().min(0).max(LONGEST_GRANT_HOURS),
  units: z.number().int().min(1).max(MOST_GRANTED_UNITS),
});
export type GrantRules = z.infer<typeof GrantRules>;
/** Off: a grant takes places of an order in advance, which nobody wants unasked. */
export const GRANT_RULES: GrantRules = { hours: 0, units: 50 };
