import type { BadRow, PlanRow, RefusedError } from "@flashline/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventsOf } from "../testing/events.ts";
import { refusal } from "../testing/refusal.ts";
import type { TestClient } from "../testing/server.ts";
import { planService } from "./service.ts";
import { type PacedPlant, pacedPlant, type ToldAttempt } from "./testing.ts";

let on: PacedPlant;
let engineer: TestClient;
beforeAll(async () => {
  on = await pacedPlant();
  engineer = await on.server.person("engineer");
  await engineer("changePlant", {
    params: { id: "Graz" },
    body: { shifts: SHIFTS, reason: "three shifts" },
  });
});
afterAll(() => on.server.close());
beforeEach(() => on.clear());

const SHIFTS = [
  {
    name: "early",
    start: "06:00",
    end: "14:00",
    breaks: [
      { start: "09:00", end: "09:15" },
      { start: "12:00", end: "12:45" },
    ],
  },
  { name: "late", start: "14:00", end: "22:00", breaks: [] },
  { name: "night", start: "22:00", end: "06:00", breaks: [{ start: "02:30", end: "03:00" }] },
];
const HOUR = 3_600_000;

const setPlans = (...rows: readonly PlanRow[]) =>
  engineer("setPlans", { body: { rows: [...rows], reason: "week 48" } });
/** Of line L3: a Tuesday's early shift, where nothing else is said. */
const row = (units: number, more: Partial<PlanRow> = {}): PlanRow => ({
  line: "L3",
  day: "2026-11-24",
  shift: "early",
  units,
  ...more,
});
const plansOf = async (
  query: { from?: string; to?: string; limit?: number; after?: string } = {},
) => (await engineer("plans", { query: { from: "2026-11-20", to: "2026-11-30", ...query } })).body;
const paceAt = (at: string, more: { day?: string; shift?: string } = {}) =>
  planService(on.server.platform.db).pace({ line: "L3", ...more }, new Date(at));

/** So many units one after the other, one in so many seconds. */
const units = (from: string, count: number, everyS: number, more: Partial<ToldAttempt> = {}) =>
  Array.from({ length: count }, (_, n) => ({
    at: new Date(Date.parse(from) + n * everyS * 1_000).toISOString(),
    unit: n,
    ...more,
  }));

describe("a plan", () => {
  test("is set by shift and product, replaces the shift's plan, and each change is in the ledger", async () => {
    const rows = [row(300, { product: "PSU-40" }), row(120, { product: "MC-2" })];
    expect((await setPlans(...rows, row(480, { shift: "late" }))).body).toEqual({
      changed: 2,
      same: 0,
    });
    expect((await setPlans(...rows)).body).toEqual({ changed: 0, same: 1 });
    expect((await plansOf()).map(({ shift, product, units: of }) => [shift, product, of])).toEqual([
      ["early", "PSU-40", 300],
      ["early", "MC-2", 120],
      ["late", null, 480],
    ]);
    await setPlans(row(250, { product: "PSU-40" }), row(0, { shift: "late" }));
    expect((await plansOf()).map(({ shift, units: of }) => [shift, of])).toEqual([["early", 250]]);
    const events = await eventsOf(on.server.platform.db.sql, "plan.set");
    expect((await plansOf())[0]?.workingMs).toBe(7 * HOUR);
    expect(events).toHaveLength(4);
    expect(events[2]).toMatchObject({
      who: "person test-engineer",
      subjectName: "L3",
      reason: "week 48",
      data: { day: "2026-11-24", shift: "early" },
      before: {
        plan: [
          { product: "MC-2", units: 120 },
          { product: "PSU-40", units: 300 },
        ],
      },
      after: { plan: [{ product: "PSU-40", units: 250 }] },
    });
    expect(events[3]).toMatchObject({ after: { plan: [] } });
  });

  test("with one bad row is not taken, and each bad row says why", async () => {
    const refused = setPlans(
      row(10),
      row(10, { row: 7, line: "L99" }),
      row(10, { day: "2026-02-30" }),
      row(10, { day: "0002-11-24" }),
      row(10, { shift: "noon" }),
      row(10, { product: "nothing" }),
      row(20),
      row(20, { product: "MC-2" }),
    );
    const error = await refused.catch((thrown: unknown) => thrown);
    const { code, parameters, details } = (error as RefusedError).refusal;
    expect({ code, count: parameters?.["count"] }).toEqual({ code: "units.bad_rows", count: 7 });
    expect((details as BadRow[]).map(({ line }) => line)).toEqual([7, 3, 4, 5, 6, 7, 8]);
    expect(await plansOf()).toEqual([]);
  });

  test("is an engineer's, and read by everybody with pages", async () => {
    const lead = await on.server.person("operator-lead");
    const asked = lead("setPlans", { body: { rows: [row(1)], reason: "more" } });
    expect(await refusal(asked)).toBe("403 auth.forbidden");
    expect((await lead("plans", {})).status).toBe(200);
    const mes = await on.server.token("orders:write");
    expect((await mes("setPlans", { body: { rows: [row(5)], reason: "MES" } })).status).toBe(200);
  });

  test("two lists at once leave the plan of one of them", async () => {
    await Promise.all(
      [1, 2, 3, 4].map((n) => setPlans(row(n, { product: "MC-2" }), row(n, { product: "PSU-40" }))),
    );
    const left = await plansOf();
    expect(left).toHaveLength(2);
    expect(new Set(left.map(({ units: of }) => of)).size).toBe(1);
  });

  test("list goes on after any row", async () => {
    const days = ["2026-11-26", "2026-11-24", "2026-11-25"];
    await setPlans(...days.map((day) => row(9, { day })));
    const all = await plansOf();
    expect(all.map(({ day }) => day)).toEqual([...days].sort());
    expect(await plansOf({ after: all[0]?.id ?? "" })).toEqual(all.slice(1));
    expect(await plansOf({ limit: 1 })).toEqual(all.slice(0, 1));
    expect(await refusal(plansOf({ after: "00000000-0000-4000-8000-000000000000" }))).toBe(
      "400 request.invalid",
    );
    expect(await refusal(plansOf({ from: "2026-11-30", to: "2026-11-01" }))).toBe(
      "400 request.invalid",
    );
  });
});

test("a break must lie inside its shift and leave time to work", async () => {
  const change = (start: string, end: string) =>
    engineer("changePlant", {
      params: { id: "Graz" },
      body: {
        shifts: [{ name: "night", start: "22:00", end: "06:00", breaks: [{ start, end }] }],
        reason: "pause",
      },
    });
  for (const [start, end] of [
    ["21:45", "22:15"],
    ["05:45", "06:15"],
    ["22:00", "06:00"],
    ["02:00", "02:00"],
  ] as const) {
    expect(await refusal(change(start, end))).toBe("400 request.invalid");
  }
});

describe("the pace of a shift", () => {
  test("says what should stand by working time, and how far ahead or behind the line is", async () => {
    await setPlans(row(420));
    // In winter Vienna is an hour ahead of UTC. 7 h of work for 420 units: one a minute.
    await on.tell(...units("2026-11-24T05:00:00Z", 150, 70));
    const pace = await paceAt("2026-11-24T08:30:00Z");
    expect(pace).toMatchObject({
      plant: "Graz",
      line: "L3",
      timeZone: "Europe/Vienna",
      made: 150,
      virtual: false,
      shift: {
        name: "early",
        day: "2026-11-24",
        workingMs: 7 * HOUR,
        workedMs: 3.25 * HOUR,
        from: "2026-11-24T05:00:00.000Z",
        to: "2026-11-24T13:00:00.000Z",
        breaks: [
          { from: "2026-11-24T08:00:00.000Z", to: "2026-11-24T08:15:00.000Z" },
          { from: "2026-11-24T11:00:00.000Z", to: "2026-11-24T11:45:00.000Z" },
        ],
      },
      plan: { units: 420, taktMs: 60_000, made: 150, due: 195, ahead: -45, aheadMs: -45 * 60_000 },
      cycle: { ms: 70_000, n: 149 },
      stations: [{ station: "L3-01", made: 150, cycle: { ms: 70_000, n: 149 } }],
      projected: 323,
    });
    expect(pace.buckets.map(({ label, planned }) => [label, planned])).toEqual([
      ["06:00", 60],
      ["07:00", 60],
      ["08:00", 60],
      ["09:00", 45],
      ["10:00", 60],
      ["11:00", 60],
      ["12:00", 15],
      ["13:00", 60],
    ]);
    expect(pace.buckets.map(({ made }) => made)).toEqual([52, 51, 47, 0, 0, 0, 0, 0]);
  });

  test("in a break the plan stands still", async () => {
    await setPlans(row(420));
    const [before, after] = [
      await paceAt("2026-11-24T11:00:00Z"),
      await paceAt("2026-11-24T11:40:00Z"),
    ];
    expect(before.plan?.due).toBe(345);
    expect(after.plan).toEqual(before.plan);
  });

  test("of a night in which the clock is put back is nine hours long, and of one in which it leaps seven", async () => {
    const night = (day: string) => row(510, { day, shift: "night" });
    await setPlans(night("2026-10-24"), night("2026-03-28"), night("2026-11-23"));
    const workingOf = async (day: string) =>
      (await paceAt("2026-12-01T00:00:00Z", { day, shift: "night" })).shift;
    // The break from 02:30 is in the hour that comes twice, and counts once.
    expect(await workingOf("2026-10-24")).toMatchObject({
      from: "2026-10-24T20:00:00.000Z",
      to: "2026-10-25T05:00:00.000Z",
      workingMs: 8.5 * HOUR,
    });
    // The clock leaps over the time of the break, so that the shift has no break.
    expect(await workingOf("2026-03-28")).toMatchObject({ workingMs: 7 * HOUR, breaks: [] });
    expect(await workingOf("2026-11-23")).toMatchObject({ workingMs: 7.5 * HOUR });
    // After midnight it is still the shift of the day before. Half of the working time is over.
    await on.tell(...units("2026-10-24T20:00:00Z", 20, 60));
    expect(await paceAt("2026-10-25T00:15:00Z")).toMatchObject({
      shift: { name: "night", day: "2026-10-24" },
      plan: { due: 255, made: 20 },
    });
    const { buckets } = await paceAt("2026-10-25T00:15:00Z");
    expect(buckets.map(({ label }) => label).join(" ")).toBe(
      "22:00 23:00 00:00 01:00 02:00 02:00 03:00 04:00 05:00",
    );
    expect(buckets.reduce((sum, { planned }) => sum + (planned ?? 0), 0)).toBeCloseTo(510, 6);
  });

  test("counts of a plan by product those products only, and shows the others", async () => {
    await setPlans(row(100, { product: "PSU-40" }), row(200, { product: "MC-2" }));
    await on.tell(...units("2026-11-24T05:00:00Z", 30, 60, { product: "MC-2" }));
    expect(await paceAt("2026-11-24T06:00:00Z")).toMatchObject({
      plan: { units: 300, made: 30 },
      products: [
        { product: "MC-2", units: 200, made: 30 },
        { product: "PSU-40", units: 100, made: 0 },
      ],
    });
    await setPlans(row(100, { product: "PSU-40" }));
    expect(await paceAt("2026-11-24T06:00:00Z")).toMatchObject({
      made: 30,
      plan: { units: 100, made: 0 },
      products: [
        { product: "PSU-40", units: 100, made: 0 },
        { product: "MC-2", units: null, made: 30 },
      ],
    });
  });

  test("leaves out virtual units beside real ones, what contradicts its job, a unit's second pass and other shifts", async () => {
    const at = "2026-11-24T06:00:00Z";
    await on.tell({ at, unit: 1, virtual: true }, { at, unit: 2, virtual: true });
    expect(await paceAt(at)).toMatchObject({ made: 2, virtual: true, plan: null });
    await on.tell(
      ...[
        { at, unit: 3 },
        { at, unit: 4, contradicted: true },
      ],
      ...[{ at, unit: 5, outcome: "FAIL" } as const, { at: "2026-11-24T06:05:00Z", unit: 5 }],
      ...[
        { at: "2026-11-24T06:10:00Z", unit: 5 },
        { at: "2026-11-24T04:59:59Z", unit: 6 },
      ],
    );
    expect(await paceAt("2026-11-24T07:00:00Z")).toMatchObject({ made: 2, virtual: false });
  });

  test("takes a result that came late in where it was made", async () => {
    await setPlans(row(420));
    await on.tell(...units("2026-11-24T05:00:00Z", 5, 60));
    const shift = { day: "2026-11-24", shift: "early" };
    expect((await paceAt("2026-11-25T10:00:00Z", shift)).plan).toMatchObject({
      made: 5,
      ahead: -415,
    });
    await on.tell({ at: "2026-11-24T12:59:59Z", unit: 99 });
    const late = await paceAt("2026-11-25T10:00:00Z", shift);
    expect(late.plan).toMatchObject({ made: 6, due: 420, ahead: -414 });
    expect(late.projected).toBeNull();
    expect(late.buckets.at(-1)?.made).toBe(1);
  });

  test("adds up nests that work side by side, and says nothing of too few units", async () => {
    await on.tell(
      ...units("2026-11-24T05:00:00Z", 10, 60, { nest: 0 }),
      ...units("2026-11-24T05:00:01Z", 10, 60, { nest: 1 }).map((one) => ({
        ...one,
        unit: one.unit + 100,
      })),
      ...units("2026-11-24T05:00:00Z", 3, 60, { station: "L3-02" }).map((one) => ({
        ...one,
        unit: one.unit + 200,
      })),
    );
    const { cycle, stations, projected } = await paceAt("2026-11-24T05:20:00Z");
    expect(cycle).toEqual({ ms: 30_000, n: 18 });
    expect(stations).toEqual([
      { station: "L3-01", made: 20, cycle: { ms: 30_000, n: 18 } },
      { station: "L3-02", made: 3, cycle: { ms: null, n: 0 } },
    ]);
    expect(projected).toBeNull();
  });

  test("between shifts tells nothing, and of what nobody knows is refused", async () => {
    await engineer("changePlant", {
      params: { id: "Graz" },
      body: { shifts: SHIFTS.slice(0, 1), reason: "one shift" },
    });
    expect(await paceAt("2026-11-24T15:00:00Z")).toMatchObject({
      shift: null,
      plan: null,
      buckets: [],
    });
    expect(await refusal(engineer("pace", { query: { line: "L99" } }))).toBe(
      "404 request.not_found",
    );
    expect(await refusal(engineer("pace", { query: { line: "L3", day: "2026-11-24" } }))).toBe(
      "400 request.invalid",
    );
    const noon = engineer("pace", { query: { line: "L3", day: "2026-11-24", shift: "noon" } });
    expect(await refusal(noon)).toBe("404 request.not_found");
  });
});
