import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { benjaminiHochberg } from "./adjust.ts";
import { mantelHaenszelChiSquare, stratifiedTest } from "./cmh.ts";
import { fisherUpper, type Table } from "./tables.ts";

/** [incidents here, quiet here, incidents elsewhere, quiet elsewhere] */
const table = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): Table => ({
  hereUnits: a + b,
  hereIncidents: a,
  elsewhereUnits: c + d,
  elsewhereIncidents: c,
});

/** Penicillin in rabbits (Agresti 1990), as in R's `Rabbits`: cured with no delay against 1.5 h. */
const RABBITS = [
  [0, 6, 0, 5],
  [3, 3, 0, 6],
  [6, 0, 2, 4],
  [5, 1, 6, 0],
  [2, 0, 5, 0],
].map(table);

/** Admissions at Berkeley in 1973 by department, as in R's `UCBAdmissions`: men against women. */
const BERKELEY = [
  [512, 313, 89, 19],
  [353, 207, 17, 8],
  [120, 205, 202, 391],
  [138, 279, 131, 244],
  [53, 138, 94, 299],
  [22, 351, 24, 317],
].map(table);

describe("stratifiedTest", () => {
  it("agrees with R's mantelhaen.test on the published examples", () => {
    expect(mantelHaenszelChiSquare(RABBITS)).toBeCloseTo(3.9286, 4);
    expect(mantelHaenszelChiSquare(BERKELEY)).toBeCloseTo(1.4269, 4);
    const rabbits = stratifiedTest(RABBITS);
    expect(rabbits).toMatchObject({ method: "exact", observed: 16, informative: 3 });
    // Half of R's two-sided exact p value 0.03994.
    expect(rabbits.p).toBeCloseTo(0.01997245179063361, 12);
  });

  it("takes the normal form for large counts, where it agrees with the exact one", () => {
    expect(stratifiedTest(BERKELEY).method).toBe("exact");
    const doubled = stratifiedTest([...BERKELEY, ...BERKELEY]);
    expect(doubled.method).toBe("normal");
    // scipy 1.17: the exact conditional p value of the same tables.
    expect(Math.abs(doubled.p - 0.962186744265)).toBeLessThan(5e-4);
  });

  it("agrees with an independent convolution (scipy 1.17)", () => {
    const strata = [
      { hereIncidents: 4, hereUnits: 30, elsewhereIncidents: 6, elsewhereUnits: 300 },
      { hereIncidents: 2, hereUnits: 25, elsewhereIncidents: 9, elsewhereUnits: 260 },
      { hereIncidents: 7, hereUnits: 29, elsewhereIncidents: 50, elsewhereUnits: 400 },
    ];
    expect(stratifiedTest(strata).p).toBeCloseTo(0.002515124326800756, 12);
  });

  it("is Fisher's test for one stratum, and ignores strata without a comparison", () => {
    const only = table([4, 16, 20, 980]);
    const alone = table([9, 1, 0, 0]);
    expect(stratifiedTest([only]).p).toBeCloseTo(fisherUpper(only), 14);
    expect(stratifiedTest([only, alone])).toEqual(stratifiedTest([only]));
    expect(stratifiedTest([alone])).toMatchObject({ p: 1, method: "none", informative: 0 });
  });

  it("counts strata where every unit had an incident as settled", () => {
    const allBad = table([5, 0, 5, 0]);
    const only = table([4, 16, 20, 980]);
    expect(stratifiedTest([only, allBad]).p).toBeCloseTo(fisherUpper(only), 12);
  });

  it("stays a probability and does not depend on the strata's order", () => {
    const cell = fc.nat(25);
    const strata = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(strata, (cells) => {
        const tables = cells.map(table);
        const { p } = stratifiedTest(tables);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(stratifiedTest([...tables].reverse()).p).toBeCloseTo(p, 10);
      }),
    );
  });
});

describe("benjaminiHochberg", () => {
  // Benjamini & Hochberg 1995, section 3.2; adjusted by scipy's false_discovery_control.
  const published = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719,
    0.6528, 0.759, 1,
  ];

  it("finds the four of the paper at 5 %", () => {
    const adjusted = benjaminiHochberg(published);
    expect(adjusted.filter((p) => p < 0.05)).toHaveLength(4);
    expect(adjusted[3]).toBeCloseTo(0.035625, 12);
    expect(adjusted[5]).toBeCloseTo(0.06385714, 8);
    expect(adjusted[14]).toBe(1);
  });

  it("keeps the order given", () => {
    const turned = [...published].reverse();
    expect(benjaminiHochberg(turned)).toEqual(benjaminiHochberg(published).reverse());
  });
});
