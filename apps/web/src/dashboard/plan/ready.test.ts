import { expect, test } from "vitest";
import { daysOf, planReady } from "./ready.ts";
import type { PlanValues } from "./values.ts";

const VALUES: PlanValues = {
  line: '["Graz","L3"]',
  shift: "early",
  first: "2026-11-30",
  last: "2026-12-04",
  weekends: false,
  rows: [{ product: "", units: 420 }],
  reason: "week 49",
};
const ready = (change: Partial<PlanValues>) => planReady({ ...VALUES, ...change });

test("a plan for a stretch of days is ready", () => {
  expect(planReady(VALUES)).toBe(true);
  expect(daysOf(VALUES)).toHaveLength(5);
});

test("what cannot be meant is said in a sentence", () => {
  expect(ready({ last: "2026-11-29" })).toBe("The last day is before the first one.");
  expect(ready({ last: "2027-12-01" })).toBe("Set at most 366 days at once.");
  expect(ready({ first: "2026-12-05", last: "2026-12-06" })).toMatch(/Saturday/);
  const twice = ["MC-2", "MC-2"].map((product) => ({ product, units: 5 }));
  expect(ready({ rows: twice })).toMatch(/twice/);
});

test("a date that was cleared, or is only half typed, is no day yet and breaks nothing", () => {
  for (const first of ["", "0002-12-01", "2026-13-01"]) {
    expect(daysOf({ ...VALUES, first, last: first })).toEqual([]);
    expect(ready({ first })).not.toBe(true);
  }
});

test("what is missing waits without a word", () => {
  expect(ready({ shift: "" })).toBe(false);
  expect(ready({ last: "" })).toBe(false);
  expect(ready({ rows: [{ product: "", units: null }] })).toBe(false);
});
