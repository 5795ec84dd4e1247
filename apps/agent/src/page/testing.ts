import type { DoctorReport, StationPageView } from "@flashline/contract";

/** A station with nothing in it, for tests of what carries a view. */
export const BARE_VIEW: StationPageView = {
  station: "L3-07",
  line: "L3",
  workOrder: null,
  product: null,
  productTitle: null,
  version: null,
  manifestSha256: null,
  server: "connected",
  grant: null,
  queuedResults: 0,
  setAside: 0,
  today: { passed: 0, failed: 0 },
  nests: [],
  last: [],
  notice: { count: 0, key: "nothing", kind: "info" },
  call: null,
  operator: null,
  decision: null,
  labelAsked: null,
  labels: "none",
  badgeNeeded: false,
  elsewhere: false,
  badgePrefix: null,
  way: "single",
  kept: null,
  teach: { ports: [], bound: [] },
  virtual: true,
  agentVersion: "1.0.0",
  update: null,
};

/** What a doctor found. */
export const REPORT: DoctorReport = {
  at: "2026-11-29T10:00:00.000Z",
  findings: [{ name: "keys", level: "fail", sentence: "No public key is pinned." }],
};
