import { describe, expect, it } from "vitest";
import { chanceOfMore } from "./beta.ts";

// SciPy 1.17.1: integrate.quad over x = sin²θ of beta(½+y₁, ½+n₁−y₁).pdf(x) · beta(½+y₂, ½+n₂−y₂).cdf(x − by).
const KNOWN = [
  { more: [0, 12], less: [0, 12], by: 0.05, chance: 0.168453 },
  { more: [6, 30], less: [1, 30], by: 0.05, chance: 0.924346 },
  { more: [6, 30], less: [1, 30], by: 0.3, chance: 0.050394 },
  { more: [20, 120], less: [4, 120], by: 0.1, chance: 0.801867 },
  { more: [0, 120], less: [0, 120], by: 0.01, chance: 0.08005 },
  { more: [12, 12], less: [0, 12], by: 0.5, chance: 0.999494 },
] as const;

const shareOf = ([incidents, units]: readonly [number, number]) => ({ incidents, units });

describe("chanceOfMore", () => {
  it("agrees with SciPy", () => {
    for (const { more, less, by, chance } of KNOWN)
      expect(Math.abs(chanceOfMore(shareOf(more), shareOf(less), by) - chance)).toBeLessThan(0.01);
  });

  it("is even where both were seen alike", () => {
    expect(chanceOfMore(shareOf([3, 12]), shareOf([3, 12]), 0)).toBeCloseTo(0.5, 1);
  });
});
