import { z } from "zod";
import { Id } from "./common.ts";
import { Reason } from "./holds.ts";

/** How often a unit may fail at a step where its product says nothing else. */
export const RETEST_LIMIT = 3;

/** What people do about a unit that failed. */
export const REWORK_KINDS = ["repair", "override", "hold-override", "scrap", "unscrap"] as const;

/** What was done to a unit after a failed attempt of it. Its failures until now do not count any more. */
export const RepairRequest = z.object({ attemptId: Id, what: Reason });
/** Scraps a unit, takes that back, or lets it be tried once more. */
export const ReworkRequest = z.object({ reason: Reason });
/** How often a unit of the product may fail at a step before a lead is asked. */
export const RetestLimitRequest = z.object({
  limit: z.number().int().min(1).max(100),
  reason: Reason,
});

/** What people did about a unit's failures, and how many more it may have. */
export const UnitRework = z.object({
  scrapped: z.boolean(),
  /** Since the last repair; not those that were blamed on the host, or that an operator called off. */
  failures: z.number().int(),
  /** With so many failures a scan is refused and asks for the lead: the product's limit, and each try that a lead allowed. */
  allowed: z.number().int(),
  /** The latest first. */
  records: z.array(
    z.object({
      id: Id,
      /** One of {@link REWORK_KINDS}. */
      kind: z.string(),
      /** Of a repair: the failed attempt that it is about. */
      attemptId: Id.nullable(),
      /** What was done, or why. */
      what: z.string(),
      by: z.string(),
      at: z.string(),
    }),
  ),
});
export type UnitRework = z.infer<typeof UnitRework>;
