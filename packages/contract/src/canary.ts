import { z } from "zod";
import { Name, text } from "./common.ts";

const Reason = text(500).trim().min(3);
const Stations = z.array(Name).min(1).max(200);
const Units = z.number().int().positive().max(100_000);

/** A checked draft is tried at a few stations with a first number of units, before everybody gets it. */
export const CanaryRequest = z.object({
  stations: Stations,
  /** So many units get it, whatever becomes of them. A unit that is tried again counts once. */
  units: Units,
  /**
   * Version of the release that the units would get otherwise, and against which it is judged. Default: the released release of the product
   * with the highest counter below its own.
   */
  predecessor: text(60).optional(),
  reason: Reason,
});
/** A paused canary goes on, or one that goes on gets other stations or more units. */
export const CanaryResumeRequest = z.object({
  stations: Stations.optional(),
  /** Never below the units that have it. */
  units: Units.optional(),
  reason: Reason,
});
/** Why a canary is paused, for everybody to read. */
export const CanaryPauseRequest = z.object({ reason: Reason });

/** How a canary did beside its predecessor. Only units whose first try is judged count, and only failures by the image's fault. */
export const CanaryEvidence = z.object({
  units: z.number().int(),
  failed: z.number().int(),
  predecessorUnits: z.number().int(),
  predecessorFailed: z.number().int(),
  /**
   * Of `predecessorUnits`, those that were flashed in the same time. Where they are fewer than `units`, a bad batch of boards looks like a bad
   * release, and nobody can tell one from the other by these figures.
   */
  beside: z.number().int(),
  /** How many of `units` would have failed if both were equally good: their share of the failures of both. */
  expected: z.number(),
  /** The e-value: from `pauseAt` on the canary is paused. */
  value: z.number(),
  pauseAt: z.number(),
  /** Units that have a result and wait to be judged, because there are too few units of the predecessor to hold them against. */
  waiting: z.number().int(),
});
export type CanaryEvidence = z.infer<typeof CanaryEvidence>;

/** Where a canary stands. Of a release that was promoted or revoked: how its canary ended. */
export const CanaryView = z.object({
  /** What units get that do not get the canary: the release that their order names. */
  predecessor: z.string(),
  stations: z.array(z.string()),
  units: z.number().int(),
  /** Units that have one of its places. The next ones get the predecessor once all are taken. */
  used: z.number().int(),
  reason: z.string(),
  startedAt: z.string(),
  startedBy: z.string(),
  /** Of the last pause; null where there was none since it was last resumed. */
  pausedAt: z.string().nullable(),
  pausedBy: z.string().nullable(),
  /** "guard": its evidence paused it. */
  pausedOrigin: z.enum(["person", "guard"]).nullable(),
  pausedReason: z.string().nullable(),
  evidence: CanaryEvidence,
});
export type CanaryView = z.infer<typeof CanaryView>;

function figure(n: number): string {
  if (n >= 1_000_000) return "more than a million";
  return n >= 100 ? n.toFixed(0) : n.toFixed(1);
}

/** The evidence in a few sentences, for a person who decides. */
export function describeEvidence(evidence: CanaryEvidence, predecessor: string): string {
  const { units, failed, predecessorUnits, predecessorFailed, beside } = evidence;
  const { expected, value, pauseAt } = evidence;
  if (units === 0) return "No unit is judged yet.";
  const compared = `of ${predecessor} it was ${predecessorFailed} of ${predecessorUnits}. If both were equally good, ${figure(expected)} would be expected.`;
  const meaning =
    value >= pauseAt
      ? `A release that is no worse gets so far in at most one of ${figure(value)} canaries.`
      : `From ${pauseAt} on a canary is paused.`;
  const cannotTell =
    beside >= units
      ? ""
      : ` Only ${beside} of these ${predecessorUnits} were flashed in the same time, as where the canary's station is the only one: these figures cannot tell a bad batch of boards from a bad release. Flash a few boards of the batch with ${predecessor} to know.`;
  return `${failed} of ${units} units failed by the image's fault; ${compared} The e-value is ${figure(value)}. ${meaning}${cannotTell}`;
}
