import type { Difference } from "@flashline/contract";

/** Two shares that are compared in one stratum: units that passed, of how many, now and then. Whole numbers, passed ≤ n. */
export interface ShareStratum {
  readonly passed: number;
  readonly n: number;
  readonly passedBefore: number;
  readonly nBefore: number;
}

/** Standard normal quantile for a two-sided 95 % interval. */
const Z95 = 1.959963984540054;
/** Halvings of an interval of length 1: ten digits. Thousands of strata are summed up for each. */
const HALVINGS = 34;

/** The share before that makes what was seen most likely when the shares differ by `delta`: the root of a cubic in closed form. */
function likeliestBefore(stratum: ShareStratum, delta: number): number {
  const { passed, n, passedBefore, nBefore } = stratum;
  const a = n + nBefore;
  const b = (n + 2 * nBefore) * delta - a - passed - passedBefore;
  const c = (nBefore * delta - a - 2 * passedBefore) * delta + passed + passedBefore;
  const d = passedBefore * delta * (1 - delta);
  const q = b ** 3 / (3 * a) ** 3 - (b * c) / (6 * a * a) + d / (2 * a);
  const root = Math.sqrt(Math.max(0, b ** 2 / (3 * a) ** 2 - c / (3 * a)));
  const p = q >= 0 ? root : -root;
  const turn = p === 0 ? 0 : Math.max(-1, Math.min(1, q / p ** 3));
  const share = 2 * p * Math.cos((Math.PI + Math.acos(turn)) / 3) - b / (3 * a);
  return Math.min(Math.min(1, 1 - delta), Math.max(Math.max(0, -delta), share));
}

/** Mantel-Haenszel's weight: what the smaller of both sides can tell. */
const weightOf = ({ n, nBefore }: ShareStratum): number => (n * nBefore) / (n + nBefore);
const differenceIn = ({ passed, n, passedBefore, nBefore }: ShareStratum): number =>
  passed / n - passedBefore / nBefore;

/** How many standard errors what was seen lies above a difference of `delta`. Falls as `delta` grows. */
function score(strata: readonly ShareStratum[], delta: number): number {
  let above = 0;
  let variance = 0;
  for (const stratum of strata) {
    const { n, nBefore } = stratum;
    const before = likeliestBefore(stratum, delta);
    const now = before + delta;
    const all = n + nBefore;
    const weight = weightOf(stratum);
    above += weight * (differenceIn(stratum) - delta);
    variance +=
      weight ** 2 * ((now * (1 - now)) / n + (before * (1 - before)) / nBefore) * (all / (all - 1));
  }
  // Nothing can vary at the ends of what is possible.
  return variance <= 0 ? Math.sign(above) * Number.POSITIVE_INFINITY : above / Math.sqrt(variance);
}

/** Where the score crosses `z`. */
function limit(strata: readonly ShareStratum[], z: number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let n = 0; n < HALVINGS; n += 1) {
    const middle = (low + high) / 2;
    if (score(strata, middle) > z) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The difference of two shares (now less before) over strata, weighted by Mantel & Haenszel, with the 95 % score interval of Miettinen
 * & Nurminen (Stat. Med. 4 (1985) 213-226). Only strata with units on both sides are compared; null without any. With one stratum it is
 * the interval of theirs for two shares.
 */
export function shareDifference(all: readonly ShareStratum[]): Difference {
  const strata = all.filter(({ n, nBefore }) => n > 0 && nBefore > 0);
  const weight = strata.reduce((sum, stratum) => sum + weightOf(stratum), 0);
  const counts = {
    strata: strata.length,
    n: strata.reduce((sum, { n }) => sum + n, 0),
    nBefore: strata.reduce((sum, { nBefore }) => sum + nBefore, 0),
  };
  if (weight === 0) return { value: null, low: -1, high: 1, ...counts };
  const value =
    strata.reduce((sum, stratum) => sum + weightOf(stratum) * differenceIn(stratum), 0) / weight;
  return {
    value,
    low: limit(strata, Z95, -1, value),
    high: limit(strata, -Z95, value, 1),
    ...counts,
  };
}
