import { PushPlan, PushView, StationUpdate, StationVersion, UpdateView } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const facts = { launcher: 1, platform: "linux-x64", node: "24.22.3", keys: ["9E0C2F4B7A1D3E55"] };

export const updates = ["1.5.0", "1.4.2"].map((version, k) =>
  UpdateView.parse({
    id: id(30, k),
    version,
    platform: "linux-x64",
    sha256: "5f".repeat(32),
    size: 1_830_000,
    keyId: "9E0C2F4B7A1D3E55",
    builtAt: ago(90_000),
    publishedAt: ago(80_000 * (k + 1)),
    downgradeFrom: version === "1.4.2" ? "1.5.0" : null,
    publishedBy: "dana",
    withdrawnAt: null,
    withdrawnBy: null,
    withdrawReason: null,
  }),
);

const update = (change: object) =>
  StationUpdate.parse({
    push: id(31, 1),
    version: "1.5.0",
    from: "1.4.2",
    state: "told",
    step: null,
    percent: null,
    nest: null,
    code: null,
    detail: "",
    runs: null,
    at: ago(40),
    ...change,
  });
const STATES = [
  update({ state: "done", step: "done", runs: "1.5.0" }),
  update({ step: "waiting", nest: "2" }),
  update({ step: "fetching", percent: 40 }),
  update({ state: "failed", step: "failed", code: "update.did_not_start", runs: "1.4.2" }),
  update({}),
];

export const versions = [2, 4, 5, 7, 9].map((number, k) =>
  StationVersion.parse({
    stationId: id(4, number),
    station: `L3-0${number}`,
    line: "Line 3",
    plant: "Graz",
    enrolled: true,
    connected: number !== 9,
    facts,
    version: k === 0 ? "1.5.0" : "1.4.2",
    newest: k === 0 ? null : "1.5.0",
    update: STATES[k],
  }),
);

export const pushes = [
  PushView.parse({
    id: id(31, 1),
    version: "1.5.0",
    downgrade: false,
    reason: "mends the label printer",
    state: "stopped",
    stateReason: "It failed at L3-07.",
    pushedAt: ago(900),
    pushedBy: "dana",
    stations: versions.map(({ station, line, plant, connected, update: of }, k) => ({
      station,
      line,
      plant,
      connected,
      wave: k === 0 ? 1 : 2,
      update: of,
    })),
  }),
];

export const plan = PushPlan.parse({
  version: "1.5.0",
  downgrade: false,
  stations: versions.map(({ station, line, plant, version, connected }, k) => ({
    station,
    line,
    plant,
    version,
    connected,
    inWork: k === 1 ? 1 : 0,
    wave: k === 0 ? null : k === 1 ? 1 : 2,
    obstacle: k === 0 ? "same" : null,
  })),
});
