import { z } from "zod";
import { Id } from "./common.ts";
import { Reason } from "./holds.ts";

const count = z.number().int();

/** Profiles that a trial compares; the release asks for the first one. */
export const TRIAL_PROFILES = ["standard", "gentle"] as const;
/** One of {@link TRIAL_PROFILES}. */
export type TrialProfile = (typeof TRIAL_PROFILES)[number];

/** How a trial stands: it runs, `gentle` has won, or every unit starts with `standard`. */
export const TRIAL_STATES = ["running", "gentle", "standard"] as const;
/** One of {@link TRIAL_STATES}. */
export type TrialState = (typeof TRIAL_STATES)[number];

const Share = z.object({ units: count, incidents: count });

/** What the pairs of a trial showed. Seconds are those of flashing, and a minute for each attempt that failed. */
export const TrialFigures = z.object({
  pairs: count,
  /** Evidence that `standard` loses the link four times as often, and evidence for no difference. */
  e: z.number(),
  f: z.number(),
  standard: Share,
  gentle: Share,
  /** What `gentle` takes longer, and what a lost link costs; seconds a unit. */
  extra: z.number(),
  cost: z.number(),
  /** How likely it is that `gentle` saves more than it takes; 0 … 1. */
  pays: z.number(),
});
export type TrialFigures = z.infer<typeof TrialFigures>;

/** A trial of gentler pacing at one kind of host: controller model, hub in between, and chip family. */
export const TrialView = z.object({
  id: Id,
  plant: z.string(),
  virtual: z.boolean(),
  controller: z.string(),
  controllerName: z.string(),
  /** The hub that units sit on, "05e3:0610"; empty: straight on the controller. */
  hub: z.string(),
  family: z.string(),
  state: z.enum(TRIAL_STATES),
  begunAt: z.string(),
  decidedAt: z.string().nullable(),
  /** Those that decided it, or so far. */
  figures: TrialFigures,
  /** After `gentle` has won: units since then by profile. */
  since: z.object({ standard: Share, gentle: Share }).nullable(),
});
export type TrialView = z.infer<typeof TrialView>;

/** With which profile a host starts, and what is being tried there. */
export const HostPacing = z.object({
  /** What an engineer has set; null: a trial may choose, where the host is in doubt. */
  profile: z.enum(TRIAL_PROFILES).nullable(),
  /** The latest one first: those that units of the host took part in. */
  trials: z.array(TrialView),
});
export type HostPacing = z.infer<typeof HostPacing>;

/** `null` leaves it to the releases, and to trials. */
const profile = z.enum(TRIAL_PROFILES).nullable();
/** With which profile units of a host start from now on, and why. */
export const HostProfileRequest = z.object({ profile, reason: Reason });
/** What is previewed; "none" stands for null. */
export const HostProfileQuery = z.object({ profile: z.enum([...TRIAL_PROFILES, "none"]) });

/** What setting a host's profile does, or would do. */
export const HostProfileEffect = z.object({
  host: Id,
  name: z.string(),
  before: profile,
  after: profile,
  /** What `gentle` takes longer a unit where it was tried with the host's controller model; seconds. Null: it never was. */
  extra: z.number().nullable(),
});
export type HostProfileEffect = z.infer<typeof HostProfileEffect>;

/** Try it again, from nothing. */
export const RestartTrialRequest = z.object({ reason: Reason });

const LEAST_SECONDS = 10;
const seconds = (s: number): string =>
  `${s.toLocaleString("en-US", { maximumFractionDigits: Math.abs(s) < LEAST_SECONDS ? 1 : 0 })} s`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;
const lost = ({ incidents, units }: z.infer<typeof Share>): string => `${incidents} of ${units}`;

/** What a lost link less or more comes to by Jeffreys' estimate of both rates; seconds a unit. Above 0: `gentle` saves them. */
export function trialSaves({ standard, gentle, cost, extra }: TrialFigures): number {
  const rate = ({ incidents, units }: z.infer<typeof Share>) => (incidents + 0.5) / (units + 1);
  return (rate(standard) - rate(gentle)) * cost - extra;
}

/** How a trial stands, in English. */
export function describeTrial({ state, figures, since }: TrialView): string {
  const { pairs, standard, gentle, extra, cost, pays } = figures;
  const shown = `standard lost the link on ${lost(standard)} units, gentle on ${lost(gentle)}`;
  const priced = `gentle takes ${seconds(extra)} longer a unit, a lost link costs ${seconds(cost)}`;
  switch (state) {
    case "running":
      return pairs === 0
        ? "Every second unit is tried with gentle. No pair of units is complete yet."
        : `Every second unit is tried with gentle: after ${pairs} of at most 120 pairs ${shown}. So far ${priced}; that it pays is ${percent(pays)} likely.`;
    case "gentle": {
      const kept =
        since === null ? "" : ` Since then ${lost(since.standard)} and ${lost(since.gentle)}.`;
      return `gentle wins by ${seconds(trialSaves(figures))} a unit; 5 % of the units stay on standard to see that it stays so. ${pairs} pairs decided it: ${shown}; ${priced}.${kept}`;
    }
    case "standard":
      return `gentle is not worth it: after ${pairs} pairs ${shown}; ${priced}. Every unit starts with standard.`;
  }
}
