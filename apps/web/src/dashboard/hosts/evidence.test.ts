import { expect, test } from "vitest";
import { heightOf } from "./evidence.ts";

test("the line of R stays in its chart, one power of ten as high as the next", () => {
  expect([0.2, 1, 1e7, 1e9].map(heightOf)).toEqual([0, 0, 1, 1]);
  expect(heightOf(1e5) - heightOf(1e4)).toBeCloseTo(heightOf(1e6) - heightOf(1e5), 12);
});
