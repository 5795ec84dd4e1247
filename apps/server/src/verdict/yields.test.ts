import { describe, expect, it } from "vitest";
import { shareDifference } from "./difference.ts";
import { proportion } from "./proportion.ts";
import { rolledYield } from "./rolled.ts";
import { DIFFERENCES, PRODUCTS } from "./testing/yields.fixture.ts";

describe("the difference of two shares over strata", () => {
  it.each(DIFFERENCES)("is SciPy's for $of", ({ of, is: [value, low, high] }) => {
    const strata = of.map(([passed, n, passedBefore, nBefore]) => ({
      passed,
      n,
      passedBefore,
      nBefore,
    }));
    const found = shareDifference(strata);
    expect(found.value).toBeCloseTo(value, 10);
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
  });

  it("compares only hosts that worked in both times", () => {
    const both = { passed: 9, n: 10, passedBefore: 8, nBefore: 10 };
    const onlyNow = { passed: 0, n: 500, passedBefore: 0, nBefore: 0 };
    expect(shareDifference([both, onlyNow])).toEqual(shareDifference([both]));
    expect(shareDifference([onlyNow])).toEqual({
      value: null,
      low: -1,
      high: 1,
      strata: 0,
      n: 0,
      nBefore: 0,
    });
  });

  it("does not take a shift of work between hosts for a change", () => {
    const good = { passed: 99, n: 100, passedBefore: 990, nBefore: 1000 };
    const bad = { passed: 700, n: 1000, passedBefore: 70, nBefore: 100 };
    const { value, low, high } = shareDifference([good, bad]);
    expect(value).toBeCloseTo(0, 10);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });
});

describe("rolled throughput yield", () => {
  it.each(PRODUCTS)("is SciPy's for $of", ({ of, is: [value, low, high] }) => {
    const found = rolledYield(of.map(([passed, n]) => proportion(passed, n)));
    expect(found.share).toBeCloseTo(value, 12);
    expect(found.low).toBeCloseTo(low, 9);
    expect(found.high).toBeCloseTo(high, 9);
  });

  it("says nothing without a unit at each step, and nothing passes a step that nothing passed", () => {
    const unknown = { share: null, low: 0, high: 1 };
    expect(rolledYield([proportion(9, 10), proportion(0, 0)])).toEqual(unknown);
    expect(rolledYield([])).toEqual(unknown);
    const none = rolledYield([proportion(9, 10), proportion(0, 10)]);
    expect(none).toMatchObject({ share: 0, low: 0 });
    expect(none.high).toBeCloseTo(proportion(0, 10).high, 12);
  });
});
