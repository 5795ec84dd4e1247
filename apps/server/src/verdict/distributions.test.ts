import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lnChoose, lnGamma } from "./gamma.ts";
import { proportion } from "./proportion.ts";
import { quantile } from "./quantile.ts";
import { fisherUpper, hypergeometric } from "./tables.ts";

const close = (value: number, wanted: number, relative = 1e-12) =>
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * relative);

describe("lnGamma", () => {
  // mpmath 1.x, 30 digits.
  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [7.25, 7.052185450738539],
    [100, 359.1342053695754],
    [4321.5, 31852.05619825226],
  ])("of %f", (x, wanted) => close(lnGamma(x), wanted, 1e-13));

  it("knows no number below zero, and counts small choices exactly", () => {
    expect(lnGamma(0)).toBeNaN();
    close(Math.exp(lnChoose(52, 5)), 2_598_960);
    expect(lnChoose(3, 4)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("proportion", () => {
  // Newcombe, Stat. Med. 17 (1998) 857-872, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("%i of %i", (count, n, low, high) => {
    const found = proportion(count, n);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
    expect(found.share).toBe(count / n);
  });

  it("says nothing when nothing was tried", () => {
    expect(proportion(0, 0)).toEqual({ count: 0, n: 0, share: null, low: 0, high: 1 });
  });

  it("always holds its share, inside 0 to 1, and mirrors", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (a, b) => {
        fc.pre(a + b > 0);
        const found = proportion(a, a + b);
        const mirrored = proportion(b, a + b);
        expect(found.low).toBeGreaterThanOrEqual(0);
        expect(found.low).toBeLessThanOrEqual(found.share ?? -1);
        expect(found.high).toBeGreaterThanOrEqual(found.share ?? 2);
        expect(found.high).toBeLessThanOrEqual(1);
        expect(mirrored.low).toBeCloseTo(1 - found.high, 12);
      }),
    );
  });
});

describe("fisherUpper", () => {
  const against = (a: number, n: number, c: number, m: number) =>
    fisherUpper({ hereUnits: n, hereIncidents: a, elsewhereUnits: m, elsewhereIncidents: c });

  it("knows how the lady tasted her tea (Fisher 1935)", () => {
    close(against(4, 4, 0, 4), 1 / 70);
    close(against(3, 4, 1, 4), 17 / 70);
  });

  // scipy 1.17, hypergeom.sf.
  it.each([
    [3, 10, 10, 1000, 0.00019022994224383207],
    [4, 20, 20, 1000, 0.0008904742859566985],
    [3, 20, 50, 1000, 0.08076267659270386],
    [13, 84, 61, 3912, 2.25805939569211e-9],
  ])("%i of %i against %i of %i", (a, n, c, m, p) => close(against(a, n, c, m), p, 1e-9));

  it("is a distribution for every table", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(60), (a, b, c, d) => {
        const table = {
          hereUnits: a + b,
          hereIncidents: a,
          elsewhereUnits: c + d,
          elsewhereIncidents: c,
        };
        const { mass } = hypergeometric(table);
        expect(mass.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        const p = fisherUpper(table);
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("quantile", () => {
  it("interpolates as percentile_cont does", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48, 12);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNull();
  });
});
