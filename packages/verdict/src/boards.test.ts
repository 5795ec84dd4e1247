import { describe, expect, it } from "vitest";
import type { Block } from "./block.ts";
import { type Boards, boardsAfter, weightOf, withoutHost } from "./boards.ts";
import { likelihoodRatio } from "./conditional.ts";
import { expectationOf } from "./testing/expectation.ts";

const block = (hosts: Readonly<Record<string, readonly [number, number]>>): Block => ({
  of: "stratum",
  name: "batch A",
  openedAt: 0,
  tallies: Object.entries(hosts).map(([name, [units, incidents]]) => ({
    name,
    units,
    incidents,
    failed: [],
    since: 0,
  })),
});
const shownOf = ({ hosts }: Boards) =>
  Object.fromEntries(hosts.map(({ host, units, incidents }) => [host, [units, incidents]]));

describe("boardsAfter", () => {
  it("adds what a block showed at each host, and lets 400 visits of the stratum fade what was before", () => {
    const once = boardsAfter(undefined, block({ a: [20, 8], b: [4, 1] }), 5);
    expect(once).toMatchObject({ stratum: "batch A", at: 5 });
    expect(shownOf(once)).toEqual({ a: [20, 8], b: [4, 1] });
    const [later] = boardsAfter(once, block({ a: [400, 0] }), 9).hosts;
    expect(later?.units).toBeCloseTo(400 + 20 / Math.E, 9);
    expect(later?.incidents).toBeCloseTo(8 / Math.E, 9);
  });

  it("forgets a host of which hardly anything is left, and one that was repaired", () => {
    const once = boardsAfter(undefined, block({ a: [20, 8], b: [4, 1] }), 5);
    expect(shownOf(boardsAfter(once, block({ a: [1200, 9] }), 9))).not.toHaveProperty("b");
    expect(shownOf(withoutHost(once, "a"))).toEqual({ b: [4, 1] });
  });
});

describe("weightOf", () => {
  it("is 1 for boards as they always are, and small for a bad batch", () => {
    expect(weightOf([])).toBe(1);
    expect(weightOf([{ units: 1000, incidents: 40 }])).toBe(1);
    // 30.2 of 110 units: 1 + 4 (0.2745 − 0.05) / 0.7255 times the variance of chance.
    expect(weightOf([{ units: 100, incidents: 30 }])).toBeCloseTo(1 / 2.238, 3);
    expect(weightOf([{ units: 1e6, incidents: 1e6 }])).toBeGreaterThan(0);
  });

  it("keeps the expectation of what a block says at 1 or less", () => {
    for (const rate of [0.02, 0.3, 0.7]) {
      const weight = weightOf([{ units: 200, incidents: 200 * rate }]);
      const grown = expectationOf(
        { n: 8, m: 16 },
        rate,
        1.25,
        (split) => likelihoodRatio(split, 15, 1.25) ** weight,
      );
      expect(grown).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});
