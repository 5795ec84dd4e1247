import type { StationView } from "@flashline/contract";
import { expect, test } from "vitest";
import { byLine, sayStations } from "./lines.ts";

function station(name: string, change: Partial<StationView> = {}): StationView {
  return {
    id: "0190a000-0000-7000-8000-000000000000",
    name,
    line: "Line 3",
    plant: "Graz",
    enrolled: true,
    connected: true,
    lastSeenAt: null,
    agentVersion: null,
    doctor: null,
    queuedResults: 0,
    workOrders: [],
    workOrder: null,
    product: null,
    version: null,
    today: { passed: 0, failed: 0 },
    nests: [],
    ...change,
  };
}
const busy = {
  name: "1",
  portPath: "3-1",
  state: "busy",
  serial: null,
  phase: null,
  fraction: null,
  code: null,
};

test("stations stand by line, and 10 after 9", () => {
  const lines = byLine([station("L3-10"), station("L4-1", { line: "Line 4" }), station("L3-9")]);
  expect(lines.map((line) => [line.title, line.stations.map((each) => each.name)])).toEqual([
    ["Graz · Line 3", ["L3-9", "L3-10"]],
    ["Graz · Line 4", ["L4-1"]],
  ]);
});

test("who is away is named, and its nests are not counted as working", () => {
  const away = station("L3-2", { connected: false, nests: [busy] });
  expect(sayStations([station("L3-1", { nests: [busy] }), away])).toBe(
    "1 of 2 stations connected; not seen: L3-2. 1 unit in work.",
  );
  expect(sayStations([station("L3-1")])).toBe("The station is connected. No unit is in work.");
});
