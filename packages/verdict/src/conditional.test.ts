import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { likelihoodRatio, type Split } from "./conditional.ts";
import { LIKELIHOOD_RATIOS } from "./testing/conditional.fixture.ts";
import { expectationOf } from "./testing/expectation.ts";

describe("likelihoodRatio", () => {
  it("agrees with SciPy's noncentral hypergeometric distribution", () => {
    for (const [n, y, m, c, psi, over, wanted] of LIKELIHOOD_RATIOS) {
      const found = likelihoodRatio({ n, y, m, c }, psi, over);
      expect(Math.abs(found / wanted - 1), `${[n, y, m, c, psi, over]}`).toBeLessThan(1e-9);
    }
  });

  it("is 1 where there is nobody to compare with, and where all or none had an incident", () => {
    const splits: readonly Split[] = [
      { n: 9, y: 4, m: 0, c: 0 },
      { n: 0, y: 0, m: 9, c: 4 },
      { n: 9, y: 0, m: 15, c: 0 },
      { n: 9, y: 9, m: 15, c: 15 },
    ];
    for (const split of splits) expect(likelihoodRatio(split, 5, 1.25)).toBe(1);
  });

  const rate = fc.double({ min: 0.001, max: 0.9, noNaN: true });
  const groups = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    m: fc.integer({ min: 1, max: 20 }),
  });

  it("has an expectation of 1 where the odds ratio is the one it is compared with, whatever the rate", () => {
    fc.assert(
      fc.property(groups, rate, (sizes, p) => {
        const expectation = expectationOf(sizes, p, 1.25, (split) =>
          likelihoodRatio(split, 5, 1.25),
        );
        expect(expectation).toBeCloseTo(1, 9);
      }),
    );
  });

  it("has an expectation of at most 1 below that odds ratio, and of more above it", () => {
    const odds = fc.double({ min: 0.2, max: 1.25, noNaN: true });
    fc.assert(
      fc.property(groups, rate, odds, fc.constantFrom(3, 5, 8, 15), (sizes, p, ratio, psi) => {
        const of = (split: Split) => likelihoodRatio(split, psi, 1.25);
        expect(expectationOf(sizes, p, ratio, of)).toBeLessThanOrEqual(1 + 1e-9);
        expect(expectationOf(sizes, p, psi, of)).toBeGreaterThan(1);
      }),
    );
  });
});
