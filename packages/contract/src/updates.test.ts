import { expect, test } from "vitest";
import { compareVersions, UpdateVersion } from "./update-manifest.ts";
import { describePlan, describeStationUpdate } from "./update-words.ts";
import { PushPlan, StationUpdate } from "./updates.ts";

test("versions are in the order of semver", () => {
  const inOrder = [
    ...["0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2"],
    ...["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "2.0.0"],
  ];
  for (const [k, older] of inOrder.entries()) {
    expect(compareVersions(older, older)).toBe(0);
    for (const newer of inOrder.slice(k + 1)) {
      expect(compareVersions(older, newer), `${older} ${newer}`).toBeLessThan(0);
      expect(compareVersions(newer, older), `${newer} ${older}`).toBeGreaterThan(0);
    }
  }
});

test("a version that would be another path is none", () => {
  for (const bad of ["1.5", "v1.5.0", "1.5.0/x", "1.5.0-..", "1.5.0-", "", "1.5.0 "]) {
    expect(UpdateVersion.safeParse(bad).success, bad).toBe(false);
  }
});

const station = (name: string, change: object) => ({
  station: name,
  line: "L3",
  plant: "Graz",
  version: "1.4.2",
  connected: true,
  inWork: 0,
  wave: 2,
  obstacle: null,
  ...change,
});

test("a plan in one line", () => {
  const plan = PushPlan.parse({
    version: "1.5.0",
    downgrade: false,
    stations: [
      station("1", { wave: 1 }),
      ...["2", "3", "4"].map((name) => station(name, {})),
      ...["5", "6"].map((name) => station(name, { inWork: 1 })),
      station("7", { wave: null, obstacle: "no-key" }),
    ],
  });
  expect(describePlan(plan)).toBe("6 PCs of line L3: 4 now, 2 after the units in work.");
});

test("each state has its words", () => {
  const say = (change: object, connected = true) =>
    describeStationUpdate(
      StationUpdate.parse({
        push: "019f0000-0000-7000-8000-000000000001",
        version: "1.5.0",
        from: "1.4.2",
        state: "told",
        step: null,
        percent: null,
        nest: null,
        code: null,
        detail: "",
        runs: null,
        at: "2026-11-29T12:00:00Z",
        ...change,
      }),
      connected,
    );
  expect(say({ state: "planned" })).toBe("1.5.0: its turn comes later");
  expect(say({}, false)).toBe("away; gets 1.5.0 when it is back");
  expect(say({ step: "fetching", percent: 40 })).toBe("fetching 1.5.0, 40 %");
  expect(say({ step: "waiting", nest: "2" })).toBe("waiting for the unit in nest 2");
  expect(say({ step: "switching" })).toBe("updating to 1.5.0");
  expect(say({ state: "done" })).toBe("runs 1.5.0");
  const failed = { state: "failed", step: "failed", runs: "1.4.2" };
  expect(say({ ...failed, code: "update.did_not_start" })).toBe(
    "1.5.0 did not start: went back to 1.4.2",
  );
  expect(say({ ...failed, code: "update.disk" })).toBe(
    "1.5.0 was refused: The PC's disk has no room for the update. It runs 1.4.2.",
  );
});
