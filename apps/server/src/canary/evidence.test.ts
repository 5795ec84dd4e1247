import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Block,
  blockValue,
  eValue,
  firstBlock,
  NO_EVIDENCE,
  ODDS_RATIOS,
  PAUSE_AT,
  type Trial,
  withBlock,
  yardstickFor,
} from "./evidence.ts";

const block = (units: number, failed: number, others: number, othersFailed: number): Block => ({
  units,
  failed,
  others,
  othersFailed,
  beside: others,
});
const choose = (n: number, k: number): number => {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return ways;
};
const binomial = (n: number, k: number, p: number): number =>
  choose(n, k) * p ** k * (1 - p) ** (n - k);

/** The mean of a block's value where units fail with these probabilities: every outcome, weighed. */
function meanValue(units: number, p: number, others: number, q: number, ratio: number): number {
  let mean = 0;
  for (let failed = 0; failed <= units; failed += 1) {
    for (let rest = 0; rest <= others; rest += 1) {
      mean +=
        binomial(units, failed, p) *
        binomial(others, rest, q) *
        blockValue(block(units, failed, others, rest), ratio);
    }
  }
  return mean;
}

describe("blockValue", () => {
  it("is what one works out by hand", () => {
    // One of two failed, and it was the canary: 5 against the mean of 5 and 1.
    expect(blockValue(block(1, 1, 1, 0), 5)).toBeCloseTo(5 / 3, 12);
    // One of 25: 5 against (5 + 24 · 1) / 25.
    expect(blockValue(block(1, 1, 24, 0), 5)).toBeCloseTo(125 / 29, 12);
    expect(blockValue(block(1, 1, 24, 0), 15)).toBeCloseTo(375 / 39, 12);
    // It was one of the others: 1 against the same mean.
    expect(blockValue(block(1, 0, 24, 1), 5)).toBeCloseTo(25 / 29, 12);
  });

  it("agrees with sums of whole numbers (Python's math.comb)", () => {
    expect(blockValue(block(4, 4, 16, 0), 15)).toBeCloseTo(528.565386977556, 6);
    expect(blockValue(block(5, 2, 40, 3), 5)).toBeCloseTo(4.687618700335779, 9);
    expect(blockValue(block(32, 6, 768, 9), 15) / 21350.944931251262).toBeCloseTo(1, 9);
  });

  it("says nothing where nothing failed, or everything did", () => {
    expect(blockValue(block(3, 0, 10, 0), 5)).toBeCloseTo(1, 12);
    expect(blockValue(block(3, 3, 10, 10), 5)).toBeCloseTo(1, 12);
  });

  it("has the mean 1 at equal rates, whatever they are, and less where the canary is better", () => {
    for (const rate of [0.01, 0.2, 0.7]) {
      expect(meanValue(3, rate, 12, rate, 5)).toBeCloseTo(1, 9);
      expect(meanValue(2, rate, 24, rate, 15)).toBeCloseTo(1, 9);
    }
    expect(meanValue(3, 0.1, 12, 0.2, 5)).toBeLessThan(1);
  });
});

describe("withBlock", () => {
  it("multiplies within each alternative and then takes the mean", () => {
    const once = withBlock(NO_EVIDENCE, block(1, 1, 24, 0));
    const twice = withBlock(once, block(1, 1, 24, 0));
    expect(eValue(once)).toBeCloseTo((125 / 29 + 375 / 39) / 2, 9);
    expect(eValue(twice)).toBeCloseTo(((125 / 29) ** 2 + (375 / 39) ** 2) / 2, 9);
    expect(twice).toMatchObject({ blocks: 2, units: 2, failed: 2, others: 48, othersFailed: 0 });
    expect(twice.expected).toBeCloseTo(2 / 25, 12);
  });

  it("needs two failures: one alone never pauses, two beside none of the predecessor's do", () => {
    expect(eValue(withBlock(NO_EVIDENCE, block(1, 1, 24, 0)))).toBeLessThan(PAUSE_AT);
    const one = withBlock(NO_EVIDENCE, block(1, 1, 8, 0));
    expect(eValue(withBlock(one, block(1, 1, 8, 0)))).toBeGreaterThan(PAUSE_AT);
  });

  it("stays positive and finite whatever comes", () => {
    const counts = fc
      .tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 1, max: 768 }))
      .chain(([units, others]) =>
        fc.tuple(
          fc.constant(units),
          fc.integer({ min: 0, max: units }),
          fc.constant(others),
          fc.integer({ min: 0, max: others }),
        ),
      );
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 5 }), (blocks) => {
        const evidence = blocks.reduce((sum, one) => withBlock(sum, block(...one)), NO_EVIDENCE);
        expect(evidence.values).toHaveLength(ODDS_RATIOS.length);
        for (const value of evidence.values) {
          expect(value).toBeGreaterThan(0);
          expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("yardstickFor", () => {
  const waiting = { units: 2, recent: 0, older: 500, waitedMs: 1_000 };
  it("takes units of the same time where there are enough, at once and without any from before", () => {
    expect(yardstickFor({ ...waiting, recent: 8 })).toBe(8);
    expect(yardstickFor({ ...waiting, recent: 300 })).toBe(16);
  });
  it("waits a minute for them, and then takes what was before", () => {
    expect(yardstickFor({ ...waiting, recent: 7 })).toBeNull();
    expect(yardstickFor({ ...waiting, recent: 7, waitedMs: 60_000 })).toBe(48);
  });
  it("judges nobody without a yardstick, and nothing where nobody waits", () => {
    expect(yardstickFor({ ...waiting, older: 0, waitedMs: 3_600_000 })).toBeNull();
    expect(yardstickFor({ ...waiting, units: 0, recent: 50 })).toBeNull();
  });
});

describe("firstBlock", () => {
  const trial = (isCanary: boolean, at: number): Trial => ({ unitId: "", isCanary, at });
  const others = (n: number, from: number) =>
    Array.from({ length: n }, (_, i) => trial(false, from + i));

  it("is closed at the first unit with which there is enough, whatever is known by now of later ones", () => {
    const known = [...others(3, 0), trial(true, 10), ...others(1, 20)];
    const closed = { units: 1, others: 4, beside: 4, last: known[4] };
    expect(firstBlock(known, 500, 30)).toEqual(closed);
    expect(firstBlock([...known, ...others(40, 30), trial(true, 80)], 500, 90)).toEqual(closed);
    expect(firstBlock(known.slice(0, 4), 500, 30)).toBeNull();
    expect(firstBlock(others(9, 0), 500, 30)).toBeNull();
  });

  it("takes units from before where a minute of starts brought too few, and says how many were not", () => {
    const alone = [trial(true, 0), trial(false, 10), trial(true, 30_000)];
    expect(firstBlock(alone, 500, 59_999)).toBeNull();
    expect(firstBlock(alone, 500, 60_000)).toMatchObject({ units: 2, others: 48, beside: 1 });
    const later = [...alone, trial(true, 90_000)];
    expect(firstBlock(later, 500, 100_000)).toMatchObject({ units: 3, others: 72, beside: 1 });
  });
});
