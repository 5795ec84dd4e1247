import { z } from "zod";
import { type FoundSelection, SELECTED, type Selected } from "../selection/conditions.ts";
import type { Dimension } from "./groups.ts";

const Cohort = z.object({
  units: z.number(),
  passedFirst: z.number(),
  passedSecond: z.number(),
  passedThird: z.number(),
  passedLast: z.number(),
  /** First attempts that failed by the fault of a host that the verdict holds for bad. */
  failedByHost: z.number(),
  retested: z.number(),
  noTrouble: z.number(),
});
export type Cohort = z.infer<typeof Cohort>;
const Attempts = z.object({
  attempts: z.number(),
  passedAttempts: z.number(),
  incidents: z.number(),
});
export const Times = z.object({ n: z.number(), quantiles: z.array(z.number()).nullable() });
export type Times = z.infer<typeof Times>;
const Group = Attempts.extend({
  ...Cohort.pick({ units: true, passedFirst: true, passedLast: true, failedByHost: true }).shape,
  name: z.string(),
  filter: z.record(z.string(), z.string()).nullable(),
});
export type Group = z.infer<typeof Group>;

/** All figures of a selection, as a statement counts them over attempts. */
export const Figures = z.object({
  virtual: z.boolean(),
  leftOut: z.number(),
  cohort: Cohort,
  attempts: Attempts.extend({ unitsPassed: z.number() }),
  times: Times,
  phases: z.array(Times.extend({ phase: z.string() })).nullable(),
  steps: z.array(Cohort.extend({ product: z.string(), step: z.string() })),
  groups: z.array(Group).nullable(),
  buckets: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      label: z.string(),
      n: z.number(),
      passed: z.number(),
      units: z.number(),
    }),
  ),
  pareto: z.array(z.object({ code: z.string(), blame: z.string(), units: z.number() })),
  paretoAttempts: z.array(z.object({ code: z.string(), blame: z.string(), attempts: z.number() })),
  unknownJobs: z.number(),
});
export type Figures = z.infer<typeof Figures>;

/** How a stretch is cut into parts: of how many seconds by whose clock, and how each is called. */
export interface Buckets {
  readonly bucketZone: string;
  readonly bucketS: number;
  /** For `to_char`. */
  readonly label: string;
  readonly timeZone: string;
}

/** A host's part of a cohort. */
export const HostPart = z.object({
  host: z.string(),
  n: z.number(),
  passed: z.number(),
  failedByHost: z.number(),
});
export type HostPart = z.infer<typeof HostPart>;

export interface Asked {
  readonly selection: FoundSelection;
  readonly buckets: Buckets;
  readonly by: Dimension | undefined;
  readonly withPhases: boolean;
}

/** They choose what is listed; what counts in a yield is said here. */
export type Chosen = Exclude<Selected, "counted" | "first">;
const isChosen = (name: Selected): name is Chosen => name !== "counted" && name !== "first";
export const CHOSEN = SELECTED.filter(isChosen);
export const chosenOf = (isGiven: (name: Chosen) => boolean) => (name: Selected) =>
  isChosen(name) && isGiven(name);
export const FIGURE_PARAMETERS = [...CHOSEN, "bucketZone", "bucketS", "label", "timeZone"] as const;
export type FigureParameter = (typeof FIGURE_PARAMETERS)[number];
