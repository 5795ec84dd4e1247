import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PacedPlant, pacedPlant, type ToldAttempt } from "../plan/testing.ts";
import { eventsOf } from "../testing/events.ts";
import { eventually } from "../testing/refusal.ts";
import type { TestClient } from "../testing/server.ts";
import { linesBehind } from "./causes/lines.ts";
import { evaluator } from "./evaluate.ts";
import { tryLines } from "./trial/lines.ts";
import { trialService } from "./trial/service.ts";

let on: PacedPlant;
let engineer: TestClient;
beforeAll(async () => {
  on = await pacedPlant();
  engineer = await on.server.person("engineer");
  await engineer("changePlant", {
    params: { id: "Graz" },
    body: {
      shifts: [
        { name: "early", start: "06:00", end: "14:00", breaks: [{ start: "09:00", end: "10:00" }] },
      ],
      reason: "one shift",
    },
  });
});
afterAll(() => on.server.close());
beforeEach(async () => {
  await on.clear();
  await plan(420);
});

/** The early shift of a Tuesday: 7 h of work for 420 units, one a minute. In winter Vienna is an hour ahead of UTC. */
const plan = (units: number) =>
  engineer("setPlans", {
    body: { rows: [{ line: "L3", day: "2026-11-24", shift: "early", units }], reason: "week 48" },
  });
const set = (settings: Record<string, number>) =>
  engineer("setAlarmRule", {
    params: { rule: "line.behind" },
    body: { usual: true, settings, reason: "trial" },
  });
/** So many units one after the other, one a minute. */
const units = (from: string, count: number, first = 0): ToldAttempt[] =>
  Array.from({ length: count }, (_, n) => ({
    at: new Date(Date.parse(from) + n * 60_000).toISOString(),
    unit: first + n,
  }));

const sql = () => on.server.platform.db.sql;
/** Looks as if it was this time of that day, in UTC. */
const lookAt = async (time: string) => {
  const source = linesBehind(new Date(`2026-11-24T${time}:00Z`));
  await eventually(
    () => evaluator(on.server.platform.db, [source]).look(),
    ({ looked }) => looked,
  );
};
const settleAt = async (time: string) => {
  await lookAt(time);
  await sql().execute("UPDATE alarm SET gone_since = gone_since - interval '20 seconds'");
  await lookAt(time);
};
const alarms = async (state: "open" | "all" = "open") =>
  (await engineer("alarms", { query: { rule: "line.behind", state, limit: 200 } })).body;

describe("a line far behind the plan of its shift", () => {
  test("is one alarm, and one end of it when the line is less than half as far behind", async () => {
    await lookAt("05:29");
    expect(await alarms()).toEqual([]);
    await lookAt("05:30");
    await lookAt("05:45");
    const [alarm, ...more] = await alarms();
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({
      plant: "Graz",
      station: null,
      subject: { kind: "line", name: "L3" },
      parameters: { behind: 30, minutes: 30, made: 0, due: 30 },
      message: "L3 is 30 units behind its plan, 30 minutes of work: 0 made, 30 due.",
    });
    await on.tell(...units("2026-11-24T05:00:00Z", 29));
    await settleAt("05:45");
    expect(await alarms()).toHaveLength(1);
    await on.tell(...units("2026-11-24T05:30:00Z", 2, 29));
    await settleAt("05:45");
    await settleAt("05:45");
    expect(await alarms("all")).toMatchObject([{ id: alarm?.id, recoveredWhy: "gone" }]);
    const told = (await eventsOf(sql(), "alarm.%")).filter(
      ({ subjectId }) => subjectId === alarm?.id,
    );
    expect(told.map(({ kind }) => kind)).toEqual(["alarm.raised", "alarm.recovered"]);
    await sql().execute("DELETE FROM alarm");
  });

  test("both limits must hold, a break is no delay, and the shift's end is the end of it", async () => {
    await plan(28);
    // A unit in a quarter of an hour: after an hour four are missing.
    await lookAt("06:00");
    expect(await alarms()).toEqual([]);
    await set({ units: 13 });
    await lookAt("08:00");
    await lookAt("08:59");
    expect(await alarms()).toEqual([]);
    await set({ units: 13, minutes: 196 });
    await lookAt("09:15");
    expect(await alarms()).toEqual([]);
    await set({ units: 13, minutes: 195 });
    await lookAt("09:15");
    expect(await alarms()).toMatchObject([{ parameters: { behind: 13, minutes: 195 } }]);
    await settleAt("13:00");
    expect(await alarms()).toEqual([]);
    await set({});
    await sql().execute("DELETE FROM alarm");
  });

  test("its plan taken away ends it, and without one nothing is told", async () => {
    await lookAt("08:00");
    expect(await alarms()).toHaveLength(1);
    await plan(0);
    await settleAt("08:00");
    expect(await alarms()).toEqual([]);
  });
});

describe("a trial of the rule", () => {
  const at = (time: string) => Date.parse(`2026-11-24T${time}:00Z`);
  const tryAt = (settings: Record<string, number>, time: string) =>
    trialService(on.server.platform.db, () => at(time)).try("line.behind", { settings });

  test("tells what it would have said of the shifts that were, by what was known then", async () => {
    await on.tell(...units("2026-11-24T05:00:00Z", 40), ...units("2026-11-24T06:45:00Z", 100, 40));
    const usual = await tryAt({}, "14:00");
    expect(usual.alarms).toEqual([
      {
        subject: { kind: "line", name: "L3" },
        at: "2026-11-24T06:10:00.000Z",
        until: "2026-11-24T13:00:00.000Z",
        message: "L3 is 30 units behind its plan, 30 minutes of work: 40 made, 70 due.",
      },
    ]);
    expect(usual).toMatchObject({ would: 1, settings: { units: 5, minutes: 30 } });
    expect(await tryAt({ minutes: 400 }, "14:00")).toMatchObject({ would: 0, alarms: [] });
    expect((await tryAt({}, "06:30")).alarms).toMatchObject([{ until: null }]);
    expect((await tryAt({}, "06:09")).would).toBe(0);
  });

  test("of more units than are read leaves out the earliest shifts, and says since when it looked", async () => {
    const { plantId } = on.server.seed;
    const [from, to] = [new Date("2026-11-20T00:00:00Z"), new Date("2026-11-24T14:00:00Z")];
    const tried = (most: number) =>
      tryLines(sql(), plantId, { units: 5, minutes: 30 }, from, to, most);
    await on.tell(...units("2026-11-24T05:00:00Z", 40));
    expect(await tried(40)).toMatchObject({ from, alarms: [{ name: "L3" }] });
    expect(await tried(39)).toEqual({ from: new Date("2026-11-24T13:00:00Z"), alarms: [] });
  });
});
