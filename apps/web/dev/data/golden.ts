import {
  GoldenCheckView,
  GoldenNest,
  GoldenRunEffect,
  GoldenView,
  HostGolden,
} from "@flashline/contract";

const id = (number: number) =>
  `01a20000-0000-7000-8000-0000000009${String(number).padStart(2, "0")}`;

const unit = (number: number, worn: number, lastCheckAt: string | null) =>
  GoldenView.parse({
    id: id(number),
    serial: `GOLD-${number}`,
    plant: "Graz",
    product: "MC-2",
    version: "2.4.1",
    worn,
    cycles: 5_000,
    areas: 4,
    checks: worn * 4 - 1,
    lastCheckAt,
    addedBy: "ines",
    addedAt: "2026-09-02T08:00:00Z",
    retiredBy: null,
    retiredAt: null,
    retireReason: null,
  });

export const goldenUnits = [
  unit(1, 412, "2026-11-28T05:12:00Z"),
  unit(2, 4_611, "2026-11-27T21:40:00Z"),
];

const check = (number: number, nest: string, state: string, code: string | null) => ({
  id: id(number),
  serial: "GOLD-1",
  station: "L3-07",
  nest,
  state,
  code,
  detail: null,
  linkIncident: code !== null,
  profile: "standard",
  durationMs: 3_200,
  run: null,
  sectors: [0x0800_0000],
  at: "2026-11-28T05:12:00Z",
  transcript: state === "failed" ? { bytes: 212_388, receivedAt: "2026-11-28T05:12:09Z" } : null,
});
export const goldenChecks = [
  check(13, "4", "running", null),
  check(12, "2", "failed", "link.budget"),
  check(11, "1", "passed", null),
  check(10, "3", "void", "attempt.unplugged"),
].map((one) => GoldenCheckView.parse(one));
const nest = (name: string, due: boolean, last: object | null) =>
  GoldenNest.parse({
    plant: "Graz",
    station: "L3-07",
    nest: name,
    due,
    blocks: false,
    last,
    dueAt: due ? "2026-11-28T05:00:00Z" : "2026-11-28T13:00:00Z",
  });
export const goldenNests = [
  nest("1", false, check(11, "1", "passed", null)),
  nest("2", true, check(12, "2", "failed", "link.budget")),
  nest("3", true, null),
];

const share = (count: number, n: number, low: number, high: number) => ({
  count,
  n,
  share: n === 0 ? null : count / n,
  low,
  high,
});
const run = (number: number, setting: string | null, incidents: object, failed: object) => ({
  id: id(number),
  serial: "GOLD-1",
  station: "L3-07",
  nest: "2",
  setting,
  host: "01a20000-0000-7000-8000-000000000007",
  times: 60,
  made: 60,
  profile: null,
  reason: "does a hub help?",
  plannedBy: "ines",
  plannedAt: "2026-11-27T20:00:00Z",
  state: "done",
  endedAt: "2026-11-27T20:09:00Z",
  endedBy: "station L3-07",
  endReason: null,
  figures: { failed, incidents },
});
export const hostGolden = HostGolden.parse({
  runs: [
    run(21, "behind a hub", share(0, 60, 0, 0.06), share(0, 60, 0, 0.06)),
    run(22, null, share(14, 60, 0.144, 0.354), share(3, 60, 0.017, 0.137)),
  ],
  single: { failed: share(1, 9, 0.02, 0.435), incidents: share(2, 9, 0.063, 0.547) },
  elsewhere: { failed: share(0, 31, 0, 0.11), incidents: share(1, 31, 0.006, 0.162) },
  production: share(13, 84, 0.093, 0.247),
  latest: [],
  nests: [{ station: "L3-07", nest: "2" }],
  units: ["GOLD-1", "GOLD-2"],
});

export const goldenEffect = (times: number) =>
  GoldenRunEffect.parse({
    host: "01a20000-0000-7000-8000-000000000007",
    name: "L3-07",
    station: "L3-07",
    nest: "2",
    serial: "GOLD-1",
    version: "2.4.1",
    times,
    worn: 412,
    wornAfter: 412 + Math.ceil(times / 4),
    cycles: 5_000,
    possible: 18_352,
    seconds: times * 8,
    waits: null,
  });
