import { likelihoodRatio, type Split, saysNothing } from "./conditional.ts";

/** A healthy group is told from one that fails this much more often. */
const AGAINST = 4;
/** R of a group of which nothing is known, or that was repaired; where nothing ever goes wrong it rests here. */
export const START = 500;
/** R and D grow no further: nothing is decided beyond, and what has ended need not be outweighed for ever. */
const MOST = 1e9;

/** Odds ratios between a group and its yardstick. */
export interface Sought {
  /** Up to this it is no fault: healthy groups differ by so much. */
  readonly healthy: number;
  /** Two that a fault is taken to have. Their mean also finds what lies between them and beyond. */
  readonly lower: number;
  readonly higher: number;
}
/** A fault of one host. */
export const OF_ONE: Sought = { healthy: 1.25, lower: 5, higher: 15 };
/**
 * A fault that several hosts share is weaker at each of them. What healthy hosts differ by evens out in their mean, so that less of it is allowed for
 * (docs/verdict.md, "What was measured").
 */
export const OF_HOSTS: Sought = { healthy: 1.22, lower: 3, higher: 8 };
/** A fault of a release. */
export const OF_BOARDS: Sought = { healthy: 1.25, lower: 3, higher: 8 };

/** What a block showed of a group, and how much of it counts as evidence: 0 … 1, known before the block. */
export interface Weighed {
  readonly split: Split;
  readonly weight: number;
}

/** Evidence about one group of units: those of a host, a controller model, a release. JSON. */
export interface Evidence {
  /** Evidence for a fault of the lower and of the higher odds ratio: Shiryaev–Roberts e-detectors. */
  readonly lower: number;
  readonly higher: number;
  /** Evidence for a healthy group against one that fails four times as often. */
  readonly d: number;
}

/** Of a group of which nothing is known, or that was repaired. */
export const FRESH: Evidence = { lower: START, higher: START, d: 1 };

/**
 * R, the evidence for a fault. A healthy group reaches c within N units with a probability of at most (500 + N) / c, however often one looks;
 * in the long run it does so less than once in c units (Shin, Ramdas and Rinaldo, "E-detectors", arXiv 2203.03532).
 */
export const faultEvidence = ({ lower, higher }: Evidence): number => (lower + higher) / 2;

/** After `units` that nothing is told by. */
function rested({ lower, higher }: Evidence, units: number): Pick<Evidence, "lower" | "higher"> {
  const grown = (r: number) => Math.max(r, Math.min(START, r + units));
  return { lower: grown(lower), higher: grown(higher) };
}

/**
 * After one more block. R gains the group's units before it is multiplied: the fault may have begun at each of them. By blocks that say nothing it
 * grows up to what a new group has and no further, else it would grow to anything in a plant where hardly anything ever goes wrong.
 */
export function take(
  before: Evidence,
  { split, weight }: Weighed,
  { healthy, lower, higher }: Sought,
): Evidence {
  if (saysNothing(split)) return { ...before, ...rested(before, split.n) };
  const ratio = (psi: number, over: number) => likelihoodRatio(split, psi, over) ** weight;
  const grown = (r: number, psi: number) => Math.min(MOST, (r + split.n) * ratio(psi, healthy));
  return {
    lower: grown(before.lower, lower),
    higher: grown(before.higher, higher),
    d: Math.min(MOST, Math.max(1, before.d) * ratio(1, AGAINST)),
  };
}
