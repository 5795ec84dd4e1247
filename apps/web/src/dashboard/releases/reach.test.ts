import type { ReleaseDryRun, ReleaseRadius } from "@flashline/contract";
import { expect, test } from "vitest";
import { sayRadius, sayReach } from "./reach.ts";

const order = (number: string, reached: string, left: number) =>
  ({ number, reached, left, inWork: 2, stations: ["L3-01"] }) as never;

test("only orders that are reached so are told", () => {
  const orders = [order("WO-1", "names", 5), order("WO-2", "follows", 90), order("WO-3", "no", 7)];
  const run = { orders, version: "2.9.0" } as unknown as ReleaseDryRun;
  expect(sayReach(run, "names")).toBe(
    "1 order (WO-1) with 5 units to go get 2.9.0 from the next unit on, at L3-01. 2 units in work are finished as begun.",
  );
  expect(sayReach(run, "names", "follows")).toContain("2 orders (WO-1, WO-2) with 95 units");
  expect(sayReach(run, "channel")).toBe("No open order gets it by this.");
});

test("what a revocation hits begins with what stands still, and says what stays", () => {
  const nothing = {
    orders: [],
    stations: [],
    channels: [],
    canaries: [],
    calledOff: [],
    finishing: [],
  };
  const radius = { ...nothing, passed: 1, unknown: 0 } as unknown as ReleaseRadius;
  expect(sayRadius(radius)).toEqual(["1 unit passed with it and keeps it."]);
  const hit = {
    ...radius,
    stations: [
      { station: "L3-01", next: null },
      { station: "L3-02", next: "WO-2" },
    ],
    channels: ["stable"],
  };
  expect(sayRadius(hit)).toEqual([
    "L3-01 stands still: no other order of the product is in the queue.",
    "L3-02 goes on with WO-2.",
    "It leaves the channel stable.",
    "1 unit passed with it and keeps it.",
  ]);
});
