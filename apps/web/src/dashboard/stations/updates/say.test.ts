import { PlannedStation, PushView, StationVersion } from "@flashline/contract";
import { expect, test } from "vitest";
import { sayGoingBack, sayPlace, sayPush, sayVersions } from "./say.ts";

const station = (version: string | null, newest: string | null) =>
  StationVersion.parse({
    stationId: "019f0000-0000-7000-8000-000000000001",
    station: "L3-01",
    line: "L3",
    plant: "Graz",
    enrolled: true,
    connected: true,
    version,
    facts: null,
    newest,
    update: null,
  });

test("versions of a line, and how many are behind", () => {
  expect(sayVersions([])).toBe("No PC is enrolled yet.");
  const all = [station("1.9.0", "1.10.0"), station("1.10.0", null), station("1.10.0", null)];
  expect(sayVersions(all)).toBe("1.10.0 on 2 PCs, 1.9.0 on 1 PC. 1 PC behind.");
});

test("how far a push is", () => {
  const push = PushView.parse({
    id: "019f0000-0000-7000-8000-000000000001",
    version: "1.5.0",
    downgrade: false,
    reason: "r",
    state: "stopped",
    stateReason: "It failed at L3-07.",
    pushedAt: "2026-11-29T12:00:00Z",
    pushedBy: "dana",
    stations: [],
  });
  expect(sayPush(push)).toBe("The push of 1.5.0 has stopped: 0 of 0 PCs done. It failed at L3-07.");
});

test("when a station gets it, or why not", () => {
  const place = (change: object) =>
    sayPlace(
      PlannedStation.parse({
        station: "L3-01",
        line: "L3",
        plant: "Graz",
        version: "1.4.2",
        connected: true,
        inWork: 0,
        wave: 2,
        obstacle: null,
        ...change,
      }),
    );
  expect(place({ wave: 1 })).toBe("first");
  expect(place({ inWork: 2 })).toBe("then, after the units in work");
  expect(place({ connected: false, wave: 3 })).toBe("line by line, turn 3, when it is back");
  expect(place({ wave: null, obstacle: "same" })).toBe("it runs this version");
  expect(place({ wave: null, obstacle: "of a newer server" })).toBe("gets none");
});

test("from which versions an update may be gone back to", () => {
  const say = (...from: (string | null)[]) =>
    sayGoingBack(from.map((downgradeFrom) => ({ downgradeFrom })));
  expect(say(null)).toBe(
    "Its signature does not allow going back: a PC that remembers a newer version refuses it.",
  );
  expect(say("1.5.0", "1.5.0")).toBe("Its signature lets PCs go back that ran up to 1.5.0.");
  expect(say("1.5.0", null)).toContain("different versions");
});
