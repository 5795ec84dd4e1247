import { expect, test } from "vitest";
import { gridFor } from "./grid.ts";

test("every number of nests has a place, and no row stays empty", () => {
  for (let nests = 1; nests <= 64; nests += 1) {
    const { columns, rows } = gridFor(nests);
    expect(columns * rows, `${nests} nests`).toBeGreaterThanOrEqual(nests);
    expect(columns * (rows - 1), `${nests} nests`).toBeLessThan(nests);
  }
});

test("the sizes that stations have", () => {
  expect([1, 2, 4, 6, 8, 12, 16].map((n) => Object.values(gridFor(n)))).toEqual([
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [4, 3],
    [4, 4],
  ]);
});
