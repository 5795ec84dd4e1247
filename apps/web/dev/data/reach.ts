import { ReleaseDryRun, ReleaseRadius } from "@flashline/contract";
import { ago } from "./basics.ts";

export const dryRun = ReleaseDryRun.parse({
  product: "MC-2",
  version: "2.9.0",
  state: "draft",
  predecessor: "2.8.1",
  refusal: null,
  orders: [
    ["WO-20418", "2.8.1", 177, 5, ["L3-02", "L3-04", "L3-05", "L3-07"], null, "follows"],
    ["WO-20422", "2.8.1", 800, 0, ["L3-05"], "stable", "no"],
  ].map(([number, version, left, inWork, stations, channel, reached]) => ({
    number,
    version,
    left,
    inWork,
    stations,
    channel,
    reached,
    canaryAt: [],
    otherBoards: number === "WO-20418" ? 14 : 0,
  })),
  promotion: { orders: 1, stations: ["L3-02"], units: 177, inWork: 5 },
  channels: [],
  canary: { orders: 1, stations: ["L3-02"], units: 50, idle: [] },
});

export const radius = ReleaseRadius.parse({
  product: "MC-2",
  version: "2.8.1",
  state: "released",
  passed: 418,
  failed: 6,
  unknown: 1,
  finishing: [{ station: "L3-02", nest: "2", serial: "MC2-004832" }],
  calledOff: [{ station: "L3-04", nest: "1", serial: "MC2-004840" }],
  orders: [{ number: "WO-20418", left: 177, stations: ["L3-02", "L3-04"] }],
  stations: [
    { station: "L3-02", next: null },
    { station: "L3-04", next: "WO-20422" },
  ],
  grants: [
    { station: "L3-02", left: 50, until: ago(-5 * 3600) },
    { station: "L3-07", left: 37, until: ago(-7 * 3600) },
  ],
  channels: ["stable"],
  canaries: ["2.10.0"],
  instead: null,
});
