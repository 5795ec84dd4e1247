import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stratifiedTest } from "./cmh.ts";
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
  it("agrees with R's mantelhaen.test on the published example", async () => {
    const rabbits = await stratifiedTest(RABBITS);
    expect(rabbits).toMatchObject({ observed: 16, informative: 3 });
    // Half of R's two-sided exact p value 0.03994.
    expect(rabbits.p).toBeCloseTo(0.01997245179063361, 12);
  });

  it("is exact for large counts too", async () => {
    const doubled = await stratifiedTest([...BERKELEY, ...BERKELEY]);
    // scipy 1.17: the exact conditional p value of the same tables.
    expect(doubled.p).toBeCloseTo(0.962186744265, 9);
    // A small host in a big plant: the normal form says 4.6e-5.
    const small = await stratifiedTest([table([16, 284, 4_000, 196_000])]);
    expect(small.p).toBeGreaterThan(4.3e-4);
    expect(small.p).toBeLessThan(4.5e-4);
  });

  it("agrees with an independent convolution (scipy 1.17)", async () => {
    const strata = [
      { hereIncidents: 4, hereUnits: 30, elsewhereIncidents: 6, elsewhereUnits: 300 },
      { hereIncidents: 2, hereUnits: 25, elsewhereIncidents: 9, elsewhereUnits: 260 },
      { hereIncidents: 7, hereUnits: 29, elsewhereIncidents: 50, elsewhereUnits: 400 },
    ];
    expect((await stratifiedTest(strata)).p).toBeCloseTo(0.002515124326800756, 12);
  });

  it("is Fisher's test for one stratum, and ignores strata without a comparison", async () => {
    const only = table([4, 16, 20, 980]);
    const alone = table([9, 1, 0, 0]);
    expect((await stratifiedTest([only])).p).toBeCloseTo(fisherUpper(only), 14);
    expect(await stratifiedTest([only, alone])).toEqual(await stratifiedTest([only]));
    expect(await stratifiedTest([alone])).toMatchObject({ p: 1, informative: 0 });
  });

  it("counts strata where every unit had an incident as settled", async () => {
    const allBad = table([5, 0, 5, 0]);
    const only = table([4, 16, 20, 980]);
    expect((await stratifiedTest([only, allBad])).p).toBeCloseTo(fisherUpper(only), 12);
  });

  it("stays a probability and does not depend on the strata's order", async () => {
    const cell = fc.nat(25);
    const strata = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(strata, async (cells) => {
        const tables = cells.map(table);
        const { p } = await stratifiedTest(tables);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect((await stratifiedTest([...tables].reverse())).p).toBeCloseTo(p, 10);
      }),
    );
  });
});
