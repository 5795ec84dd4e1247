import type { Split } from "./conditional.ts";

/** What a host has shown so far, with newer units weighing more. JSON. */
export interface Past {
  /** Incidents. */
  readonly observed: number;
  /** Incidents that the hosts it was compared with let expect. */
  readonly expected: number;
}

export const NO_PAST: Past = { observed: 0, expected: 0 };

/** Units after which the past weighs 1/e of what it did. */
const SCALE = 400;
/** Keeps a host with hardly any past in the middle. */
const PRIOR = 3;

/** Incidents that were to be expected at the rate of those that a group is compared with. */
export const expectedOf = ({ n, m, c }: Split): number => (m === 0 ? 0 : (n * c) / m);

/** How many times as many incidents as expected; about 1 for a healthy host. */
export const badnessOf = ({ observed, expected }: Past): number =>
  (observed + PRIOR) / (expected + PRIOR);

/** After one more block; as before where there was nobody to compare with. */
export function pastAfter(before: Past, split: Split): Past {
  if (split.m === 0) return before;
  const weight = Math.exp(-split.n / SCALE);
  return {
    observed: before.observed * weight + split.y,
    expected: before.expected * weight + expectedOf(split),
  };
}
