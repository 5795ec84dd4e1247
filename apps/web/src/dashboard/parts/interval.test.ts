import fc from "fast-check";
import { expect, test } from "vitest";
import { place, rateDomain, spanOf, ticksOf, yieldDomain } from "./interval.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });

test("an interval stays inside its drawing and holds its point", () => {
  fc.assert(
    fc.property(share, share, share, share, (a, b, point, top) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const span = spanOf({ low, high, share: point }, [0, top], 130);
      expect(span.from).toBeGreaterThanOrEqual(0);
      expect(span.to).toBeLessThanOrEqual(130);
      expect(span.at).toBeGreaterThanOrEqual(span.from);
      expect(span.at).toBeLessThanOrEqual(span.to);
    }),
  );
});

test("larger is further to the right", () => {
  expect(place(0.05, [0, 0.2], 200)).toBe(50);
  expect(place(0.5, [0, 0.2], 200)).toBe(200);
});

test("a yield's axis begins at a round number below everything shown", () => {
  expect(yieldDomain([0.96, 0.98])).toEqual([0.95, 1]);
  expect(yieldDomain([0.72])).toEqual([0.7, 1]);
  expect(yieldDomain([])).toEqual([0.95, 1]);
});

test("a rate's axis begins at nothing and ends above everything shown", () => {
  expect(rateDomain([0.24, 0.02])).toEqual([0, 0.3]);
  expect(rateDomain([])).toEqual([0, 0.05]);
});

test("ticks are few, cover the axis and do not leave it", () => {
  expect(ticksOf([0.95, 1])).toEqual([0.95, 0.96, 0.97, 0.98, 0.99, 1]);
  expect(ticksOf([0.8, 1])).toEqual([0.8, 0.85, 0.9, 0.95, 1]);
  expect(ticksOf([0, 1])).toEqual([0, 0.25, 0.5, 0.75, 1]);
});
