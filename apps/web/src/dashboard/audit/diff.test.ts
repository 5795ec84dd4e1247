import { expect, test } from "vitest";
import { diffOf, factsOf } from "./diff.ts";

test("only what differs is told, also what is on one side only", () => {
  expect(diffOf({ role: "engineer", plant: null, on: true }, { role: "admin", on: true })).toEqual([
    { field: "role", before: "engineer", after: "admin" },
  ]);
  expect(diffOf(null, { quantity: 4 })).toEqual([
    { field: "quantity", before: "nothing", after: "4" },
  ]);
  expect(diffOf({ shifts: [{ name: "a" }] }, { shifts: [] })[0]?.after).toBe("[]");
});

test("facts without a value are left out", () => {
  expect(factsOf({ order: "WO-1", stations: [], to: null, units: 3 })).toEqual([
    ["order", "WO-1"],
    ["units", "3"],
  ]);
});
