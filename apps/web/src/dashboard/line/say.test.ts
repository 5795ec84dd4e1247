import type { StationView, WorkOrderView, YieldView } from "@flashline/contract";
import { expect, test } from "vitest";
import { cycleOf, ofLine, planOf } from "./say.ts";

const station = (name: string, line: string, plant = "Graz") =>
  ({ name, line, plant }) as StationView;
const order = (state: string, stations: string[], passed: number, quantity: number) =>
  ({ state, stations, passed, quantity }) as WorkOrderView;
const bucket = (from: string, to: string, unitsPassed: number): YieldView["buckets"][number] => ({
  from: `2026-11-20T${from}Z`,
  to: `2026-11-20T${to}Z`,
  label: from,
  unitsPassed,
  firstPass: { count: 0, n: 0, share: null, low: 0, high: 1 },
});

test("a line of this name of another plant is another line", () => {
  const all = [station("A", "L1"), station("B", "L1", "Wels"), station("C", "L2")];
  const names = (of: { plant?: string; line?: string }) =>
    ofLine(all, { plant: undefined, line: undefined, ...of }).map(({ name }) => name);
  expect(names({ plant: "Graz", line: "L1" })).toEqual(["A"]);
  expect(names({ plant: "Graz" })).toEqual(["A", "C"]);
  expect(names({})).toHaveLength(3);
});

test("the plan is what is ordered at these stations and not closed", () => {
  const orders = [
    order("open", ["A", "X"], 10, 40),
    order("open", ["X"], 5, 500),
    order("closed", ["A"], 7, 7),
    order("open", ["A"], 2, 60),
  ];
  expect(planOf(orders, [station("A", "L1")])).toEqual({ made: 12, quantity: 100, orders: 2 });
});

test("the cycle is the time of the last hour's units, and nothing where there were none or no hour yet", () => {
  const day = { from: "2026-11-20T06:00:00Z", asOf: "2026-11-20T09:30:00Z" };
  const buckets = [
    bucket("07:00:00", "08:00:00", 999),
    bucket("08:00:00", "09:00:00", 60),
    bucket("09:00:00", "10:00:00", 30),
  ];
  expect(cycleOf({ ...day, buckets })).toBe(60_000);
  expect(cycleOf({ ...day, buckets: [bucket("07:00:00", "08:00:00", 9)] })).toBeNull();
  expect(cycleOf({ ...day, asOf: "2026-11-20T06:20:00Z", buckets })).toBeNull();
});
