import { z } from "zod";
import { Proportion } from "./common.ts";
import { AttemptSelection } from "./selection.ts";

/** What the attempts of a selection can be grouped by. */
export const YIELD_DIMENSIONS = [
  ...["line", "station", "nest", "host", "model"],
  ...["product", "step", "release", "order", "batch"],
] as const;

/** What a yield can be compared with: see `against` of {@link YieldQuery}. */
export const COMPARISONS = ["before", "week-before", "release-before"] as const;

/** Which yield is asked for. Without any time it is that of the plant's day. */
export const YieldQuery = AttemptSelection.extend({
  by: z.enum(YIELD_DIMENSIONS).optional(),
  /**
   * "before": the same length of time right before it; of days as many days, of a shift the shift before. "week-before": the same times
   * of the clock seven days earlier. "release-before": the release before `release`, of `product`, from 30 days before its window on.
   */
  against: z.enum(COMPARISONS).optional(),
  /** Cycle times by phase as well. */
  phases: z.literal("true").optional(),
});
export type YieldQuery = z.infer<typeof YieldQuery>;

/** First-pass yield of one stretch of time; `label` names it on the chart. */
export const YieldBucket = z.object({
  from: z.string(),
  to: z.string(),
  label: z.string(),
  firstPass: Proportion,
  /** Units that passed in it, at whichever try. Older servers do not tell. */
  unitsPassed: z.number().int().optional(),
});

const Times = z.object({
  /** Attempts that told their time. */
  n: z.number().int(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p95: z.number().nullable(),
});

/** Yields of a cohort: units whose first counted attempt began in the window. */
const CohortYields = z.object({
  /** Units whose first counted attempt passed / cohort. */
  firstPass: Proportion,
  /** The same without first attempts that failed by the fault of a host that the verdict holds for bad. */
  productFirstPass: Proportion,
  /** Latest outcome PASS / cohort. */
  finalYield: Proportion,
});
/** Further shares of a cohort. */
const MoreYields = z.object({
  /** Passed by the second, by the third counted attempt at the latest / cohort. */
  secondPass: Proportion,
  thirdPass: Proportion,
  /** Units with a second counted attempt / cohort. */
  retested: Proportion,
  /** No trouble found: passed later without a repair in between / units whose first attempt failed. */
  noTroubleFound: Proportion,
});

/** Now less before, with its 95 % interval, over the hosts that worked in both. */
export const Difference = z.object({
  /** Null where no host worked in both. */
  value: z.number().nullable(),
  low: z.number(),
  high: z.number(),
  /** Hosts with units on both sides, and their units. */
  strata: z.number().int(),
  n: z.number().int(),
  nBefore: z.number().int(),
});
export type Difference = z.infer<typeof Difference>;

const YieldStep = CohortYields.extend({
  ...MoreYields.shape,
  product: z.string(),
  step: z.string(),
});

/** One line of a forest plot. */
const YieldGroup = CohortYields.extend({
  name: z.string(),
  /** Parameters that choose it; null where it has no name to be asked by. */
  filter: z.record(z.string(), z.string()).nullable(),
  attemptYield: Proportion,
  linkIncidents: Proportion,
});

const YieldComparison = z.object({
  from: z.string(),
  to: z.string(),
  /** The release that it is compared with, where it is another one. */
  release: z.string().nullable(),
  firstPass: Proportion,
  productFirstPass: Proportion,
  difference: Difference,
  productDifference: Difference,
});

/** Yield of a stretch of time, as a whole and by its parts. Steps of a route are never added up: of each product it is that of its first step, or of the step that was asked for. */
export const YieldView = CohortYields.extend({
  asOf: z.string(),
  /** When the cohort's first attempts began. */
  from: z.string(),
  to: z.string(),
  timeZone: z.string(),
  product: z.string().nullable(),
  /** The plant whose clock it is; null: all plants, in UTC. */
  plant: z.string().nullable(),
  /** PASS attempts / attempts. Retries of one unit are not independent: the interval is too narrow. */
  attemptYield: Proportion,
  linkIncidents: Proportion,
  unitsPassed: z.number().int(),
  unknownJobs: z.number().int(),
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
  /** Hours; of more than two days, days; of more than a quarter, weeks. */
  buckets: z.array(YieldBucket),
  /** First failures by code, one a unit. */
  pareto: z.array(z.object({ code: z.string(), blame: z.string(), units: z.number().int() })),
  // Older servers tell nothing of the following.
  ...MoreYields.partial().shape,
  /** Whether virtual units are meant. Without `virtual` it is the real ones, and virtual ones where there are no others. */
  virtual: z.boolean().optional(),
  /** Attempts of the other kind in the same selection. They count nowhere here. */
  leftOut: z.number().int().optional(),
  /**
   * From the first transfer to the last, milliseconds. Its quantiles, and those of `phases`, are off by `relativeError` of the time at most: 0 where they are exact, 0.02 where they
   * are those of a histogram.
   */
  times: Times.extend({ relativeError: z.number().optional() }).optional(),
  phases: z.array(Times.extend({ phase: z.string() })).optional(),
  /** All failed attempts by code. */
  paretoAttempts: z
    .array(z.object({ code: z.string(), blame: z.string(), attempts: z.number().int() }))
    .optional(),
  steps: z.array(YieldStep).optional(),
  /** Rolled throughput yield of each product: the product of its steps' first-pass yields. */
  rolled: z
    .array(
      z.object({
        product: z.string(),
        steps: z.number().int(),
        share: z.number().nullable(),
        low: z.number(),
        high: z.number(),
      }),
    )
    .optional(),
  /** By what was asked for, those with the most units first; the first two hundred. */
  groups: z.array(YieldGroup).optional(),
  comparison: YieldComparison.optional(),
});
export type YieldView = z.infer<typeof YieldView>;
