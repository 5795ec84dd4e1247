import { expect, test } from "vitest";
import { quantile, summarise, together } from "../bench/server/figures.ts";
import { parseRate, parseStat } from "../bench/server/parse.ts";

test("pgbench's report gives the rate without the time to connect; another report is refused", () => {
  const report = "latency average = 3.1 ms\ntps = 612.345678 (without initial connection time)\n";
  expect(parseRate(report)).toBe(612.345678);
  expect(() => parseRate("pgbench: error: connection refused")).toThrow("connection refused");
});

test("processor time is told from /proc, whatever a process calls itself", () => {
  const line = "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 9 8 7 6 150 50 30 20 20 0 11 0 1234 5 6";
  expect(parseStat(line)).toEqual({ own: 2000, ended: 500 });
  expect(() => parseStat("4242 (node) S 1")).toThrow("/proc/PID/stat");
});

test("a phase is told by the unit, with the middle and the high end of its waits", () => {
  const inHand = Array.from({ length: 100 }, (_, at) => 100 - at);
  const cost = { serverMs: 500, databaseMs: 300, statements: 900, transactions: 500 };
  const load = { units: 100, seconds: 4, inHand, acknowledged: [] };
  const twice = { units: 200, seconds: 8, inHand: [...inHand, ...inHand], acknowledged: [] };
  const costs = { serverMs: 1000, databaseMs: 600, statements: 1800, transactions: 1000 };
  const both = together([
    { load, cost },
    { load, cost },
  ]);
  expect(both).toEqual({ load: twice, cost: costs });
  expect(summarise(both)).toEqual({
    rate: 25,
    inHand: [51, 100],
    acknowledged: [0, 0],
    serverMs: 5,
    databaseMs: 3,
    statements: 9,
    transactions: 5,
  });
  expect(quantile([], 0.5)).toBe(0);
});
