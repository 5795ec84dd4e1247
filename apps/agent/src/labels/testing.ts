import type { Labels } from "./labels.ts";

/** At a station whose products have no label. */
export const NO_LABELS: Labels = {
  need: () => undefined,
  due: () => Promise.resolve(),
  passed: () => undefined,
  restore: () => Promise.resolve(),
  scanNest: null,
  takesScan: () => false,
  scan: () => undefined,
  acknowledge: () => false,
  ask: () => undefined,
  asked: null,
  decide: () => undefined,
  prune: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
