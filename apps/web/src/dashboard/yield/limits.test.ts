import { expect, test } from "vitest";
import { controlChart, type Sample } from "./limits.ts";

const even = (count: number, n: number, times: number): Sample[] =>
  Array.from({ length: times }, () => ({ count, n }));

test("limits are those of the binomial distribution where nothing but chance is at work", () => {
  // 95 and 96 by turns: neighbours differ less than chance would have it, so that nothing is added to it.
  const samples = Array.from({ length: 20 }, (_, at) => ({
    count: at % 2 === 0 ? 95 : 96,
    n: 100,
  }));
  const chart = controlChart(samples);
  expect(chart?.rho).toBe(0);
  expect(chart?.centre).toBeCloseTo(0.955, 12);
  // Of 100 with 0.955: at most 87 with 0.00056, at most 88 with 0.00182, all 100 with 0.0100.
  expect(chart?.points[0]).toMatchObject({ low: 0.88, high: 1, isOut: false });
});

test("one bad hour is out, and does not hide itself by widening its limits", () => {
  const samples = Array.from({ length: 20 }, (_, at) => ({
    count: at % 2 === 0 ? 95 : 96,
    n: 100,
  }));
  samples[10] = { count: 70, n: 100 };
  const chart = controlChart(samples);
  expect(chart?.points.map(({ isOut }) => isOut).indexOf(true)).toBe(10);
  expect(chart?.points.filter(({ isOut }) => isOut)).toHaveLength(1);
});

test("hours that differ more than chance have wider limits than chance would give", () => {
  const wild = Array.from({ length: 24 }, (_, at) => ({
    count: [99, 88, 97, 90, 84, 98][at % 6] ?? 0,
    n: 100,
  }));
  const chart = controlChart(wild);
  expect(chart?.rho).toBeGreaterThan(0.01);
  expect(chart?.points.some(({ isOut }) => isOut)).toBe(false);
});

test("few units have wide limits, and none at all are never out", () => {
  const chart = controlChart([...even(95, 100, 10), { count: 2, n: 3 }, { count: 0, n: 0 }]);
  expect(chart?.points[10]).toMatchObject({ isOut: false });
  expect(chart?.points[11]).toMatchObject({ low: 0, high: 1, isOut: false });
});

test("eight in a row on one side are a run, across hours without units", () => {
  const samples = [...even(99, 100, 8), { count: 0, n: 0 }, ...even(90, 100, 7)];
  const runs = controlChart(samples)?.points.map(({ isRun }) => isRun);
  expect(runs?.slice(0, 8)).toEqual(Array(8).fill(true));
  expect(runs?.slice(8)).toEqual(Array(8).fill(false));
});

test("says nothing of few hours, or where nothing failed", () => {
  expect(controlChart(even(9, 10, 9))).toBeUndefined();
  expect(controlChart(even(10, 10, 20))).toBeUndefined();
});
