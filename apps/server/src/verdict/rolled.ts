import type { Proportion } from "@flashline/contract";

/** A share that was made of several, with its 95 % interval. */
export interface RolledShare {
  /** Null where one of the steps has no unit. */
  readonly share: number | null;
  readonly low: number;
  readonly high: number;
}

/**
 * Rolled throughput yield: the product of the steps' first-pass yields, as if a unit's steps failed independently. Its interval comes
 * from those of the steps by the method of variance estimates recovery on logarithms (Zou & Donner, Stat. Med. 27 (2008) 1693-1702);
 * of one step it is that step's own. With a step that nothing passed the share is 0, and the step's upper limit is the product's.
 */
export function rolledYield(steps: readonly Proportion[]): RolledShare {
  const shares = steps.map(({ share }) => share);
  if (shares.length === 0 || shares.some((share) => share === null)) {
    return { share: null, low: 0, high: 1 };
  }
  const share = steps.reduce((product, step) => product * (step.share ?? 0), 1);
  const lowest = Math.min(...steps.map(({ high }) => high));
  if (share === 0) return { share, low: 0, high: lowest };
  const away = (end: "low" | "high") =>
    Math.sqrt(steps.reduce((sum, step) => sum + Math.log((step.share ?? 1) / step[end]) ** 2, 0));
  return {
    share,
    low: share * Math.exp(-away("low")),
    high: Math.min(1, share * Math.exp(away("high"))),
  };
}
