import type { CanaryEvidence, ReleaseView } from "@flashline/contract";

/** The way of a release; a canary may be left out. */
export const STEPS = ["Published", "Checked", "Canary", "Released"] as const;

interface At {
  readonly index: number;
  readonly word: string;
  /** How the step is that the release is at. */
  readonly tone: "now" | "done" | "bad";
}

/** Which step a release is at. */
export function stepOf({
  state,
  check,
  canary,
}: Pick<ReleaseView, "state" | "check" | "canary">): At {
  switch (state) {
    case "draft":
      if (check === "refused") return { index: 1, word: "Check refused", tone: "bad" };
      if (check === "pending") return { index: 1, word: "Being checked", tone: "now" };
      return { index: 1, word: "Checked", tone: "done" };
    case "canary":
      return { index: 2, word: "Canary", tone: "now" };
    case "paused":
      return { index: 2, word: "Canary paused", tone: "bad" };
    case "released":
      return { index: 3, word: "Released", tone: "done" };
    case "revoked":
      return canary !== null
        ? { index: 2, word: "Revoked", tone: "bad" }
        : { index: 3, word: "Revoked", tone: "bad" };
  }
}

/**
 * Where an e-value stands on a rail from 0 to 1, at which the canary is paused. In equal steps of its logarithm, because evidence is
 * multiplied; what speaks for the canary stands at the left end.
 */
export function evidencePlace({
  value,
  pauseAt,
}: Pick<CanaryEvidence, "value" | "pauseAt">): number {
  if (value <= 1) return 0;
  return Math.min(1, Math.log(value) / Math.log(pauseAt));
}
