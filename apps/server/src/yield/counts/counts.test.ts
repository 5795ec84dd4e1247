import type { YieldQuery, YieldView } from "@flashline/contract";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { figuresRepository } from "../figures.repository.ts";
import { yieldService } from "../service.ts";
import { yieldCounter } from "./counter.ts";
import { countDayAnew, rebuildCounts } from "./rebuild.ts";
import { HOSTS, type MadeAttempt, type MadePlant, madePlant } from "./testing.ts";

/** More of them: FLASHLINE_RUNS=500. */
const RUNS = Number(process.env["FLASHLINE_RUNS"] ?? 25);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS = 4;
/** All that is made up begins here; it is over long before now. */
const BEGIN = Math.floor(Date.now() / DAY_MS) * DAY_MS - 9 * DAY_MS;
const END = BEGIN + DAYS * DAY_MS;

let plant: MadePlant;
beforeAll(async () => {
  plant = await madePlant();
});
beforeEach(() => plant.clear());
afterAll(() => plant.close());

/** Counts everything that began before a time. */
async function count(until: number): Promise<void> {
  const counter = yieldCounter(plant.server.platform.db, Date.now() - until);
  while (await counter.turn());
}

/** The same question, answered by what is counted ahead and by attempts alone. */
function services() {
  const { db } = plant.server.platform;
  const repository = figuresRepository(db);
  return {
    counted: yieldService(db.sql, repository),
    byAttempts: yieldService(db.sql, {
      ...repository,
      of: (asked) => repository.of(asked, true),
      byHost: (selection, isVirtual) => repository.byHost(selection, isVirtual, true),
    }),
  };
}

/** Everything but what says when it was told, and times, which are within the error that is stated. */
function exactOf({
  asOf: _asOf,
  times: _times,
  phases: _phases,
  medianMs: _median,
  p95Ms: _p95,
  ...exact
}: YieldView) {
  return exact;
}

/** The same number of times, and quantiles that are not further from the exact ones than is stated. */
function expectNear(told: YieldView["times"], exact: YieldView["times"], error: number): void {
  expect(told?.n).toBe(exact?.n);
  for (const quantile of ["p50", "p90", "p95"] as const) {
    const time = exact?.[quantile];
    if (time == null) expect(told?.[quantile]).toBeNull();
    else {
      const off = Math.abs((told?.[quantile] ?? Number.NaN) - time);
      expect(off).toBeLessThanOrEqual(error * time * (1 + 1e-9));
    }
  }
}

/** Resolves to whether any of it was told by what is counted ahead. */
async function compare(query: YieldQuery): Promise<boolean> {
  const { counted, byAttempts } = services();
  const [told, raw] = [await counted(query), await byAttempts(query)];
  expect(exactOf(told), JSON.stringify(query)).toEqual(exactOf(raw));
  expect(raw.times?.relativeError).toBe(0);
  const error = told.times?.relativeError ?? 0;
  expectNear(told.times, raw.times, error);
  expect(told.phases?.map(({ phase }) => phase)).toEqual(raw.phases?.map(({ phase }) => phase));
  for (const [n, phase] of (raw.phases ?? []).entries()) expectNear(told.phases?.[n], phase, error);
  return told.times?.relativeError !== 0;
}

const minute = fc.integer({ min: 0, max: DAYS * 24 * 60 - 1 });
const attempt: fc.Arbitrary<MadeAttempt> = fc.record({
  unit: fc.integer({ min: 0, max: 11 }),
  step: fc.nat(1),
  at: minute.map((n) => BEGIN + n * MINUTE_MS + 7),
  result: fc.constantFrom(
    "PASS",
    "PASS",
    "PASS",
    "FAIL",
    "FAIL",
    "cancelled",
    "contradicted",
    "untold",
  ),
  code: fc.constantFrom("link.budget", "protection.read"),
  blame: fc.constantFrom("host", "unit"),
  station: fc.nat(2),
  nest: fc.nat(1),
  host: fc.constantFrom(0, 0, 1, 1, 2),
  release: fc.nat(1),
  order: fc.nat(1),
  ms: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true }), { freq: 9 }),
});

/** Times that begin with a day, an hour or a quarter of an hour, and such that do not. */
const time = fc
  .tuple(minute, fc.constantFrom(1, 15, 60, 24 * 60))
  .map(([n, grain]) => BEGIN + Math.floor(n / grain) * grain * MINUTE_MS);
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 3 });
const query: fc.Arbitrary<YieldQuery> = fc
  .record({
    ends: fc.tuple(time, time).filter(([a, b]) => a !== b),
    station: optional(fc.constantFrom("L3-01", "L3-02")),
    place: fc.constantFrom(
      {},
      {},
      {},
      { plant: "Graz" },
      { plant: "Graz", line: "L3" },
      { plant: "Wien" },
    ),
    nest: optional(fc.constantFrom("A", "B")),
    what: fc.constantFrom(
      ...[
        {},
        {},
        {},
        { host: HOSTS[0] },
        { model: "8086:a36d" },
        { order: "WO-2" },
        { release: "2.0.0" },
      ],
      ...[
        { outcome: "FAIL" as const },
        { code: "link.budget" },
        { blame: "unit" as const },
        { product: "PSU-40" },
      ],
    ),
    step: optional(fc.constantFrom("flash", "test")),
    virtual: optional(fc.constantFrom("true" as const, "false" as const)),
    by: optional(
      fc.constantFrom(
        ...(["line", "station", "nest", "host", "model"] as const),
        ...(["product", "step", "release", "order", "batch"] as const),
      ),
    ),
    phases: optional(fc.constant("true" as const)),
    against: optional(fc.constantFrom("before" as const, "week-before" as const)),
  })
  .map(({ ends: [a, b], place, what, station, nest, ...rest }) => {
    const given = Object.entries({
      ...rest,
      ...(station === undefined ? place : { station, nest }),
      ...what,
    });
    return {
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      from: new Date(Math.min(a, b)).toISOString(),
      to: new Date(Math.max(a, b)).toISOString(),
    } as YieldQuery;
  });

const ONE: MadeAttempt = {
  ...{ unit: 0, step: 0, at: 0, result: "PASS", code: "", blame: "unit", station: 0, nest: 0 },
  ...{ host: 0, release: 0, order: 0, ms: 1_000 },
};

type Deed =
  | { readonly kind: "report"; readonly attempts: readonly MadeAttempt[] }
  | { readonly kind: "repair"; readonly unit: number; readonly at: number }
  | { readonly kind: "judge"; readonly host: number; readonly rung: string; readonly at: number }
  | { readonly kind: "count"; readonly until: number }
  | { readonly kind: "ask"; readonly query: YieldQuery };
const at = minute.map((n) => BEGIN + n * MINUTE_MS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constant("report" as const),
    attempts: fc.array(attempt, { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ kind: fc.constant("repair" as const), unit: fc.integer({ min: 0, max: 11 }), at }),
  fc.record({
    kind: fc.constant("judge" as const),
    ...{ host: fc.nat(1), rung: fc.constantFrom("SUSPECT", "OK"), at },
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("count" as const), until: at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("ask" as const), query }) },
);
const start = fc.record({
  zone: fc.constantFrom("Europe/Vienna", "UTC", "Asia/Kolkata", "America/St_Johns"),
  attempts: fc.array(attempt, { minLength: 20, maxLength: 40 }),
  until: at,
});

describe("what is counted ahead tells what attempts tell", () => {
  it("whatever was reported, repaired, judged and counted in whatever order", {
    timeout: 600_000,
  }, async () => {
    let asked = 0;
    let counted = 0;
    const property = fc.asyncProperty(
      start,
      fc.array(deed, { minLength: 10, maxLength: 25, size: "max" }),
      async ({ zone, attempts, until }, deeds) => {
        await plant.clear();
        await plant.client.query("UPDATE plant SET time_zone = $1", [zone]);
        for (const one of attempts) await plant.report(one);
        await count(until);
        for (const one of deeds) {
          if (one.kind === "report") for (const made of one.attempts) await plant.report(made);
          else if (one.kind === "repair") await plant.repair(one.unit, one.at);
          else if (one.kind === "judge") await plant.judge(one.host, one.rung, one.at);
          else if (one.kind === "count") await count(one.until);
          else {
            asked++;
            if (await compare(one.query)) counted++;
          }
        }
        await count(END);
        await compare({
          from: new Date(BEGIN).toISOString(),
          to: new Date(END).toISOString(),
          by: "host",
        });
        // Counted anew, it is what it was.
        expect((await rebuildCounts(plant.server.platform.db)).wrong).toEqual([]);
      },
    );
    await fc.assert(property, {
      numRuns: RUNS,
      endOnFailure: process.env["FLASHLINE_SHRINK"] !== "1",
    });
    // Enough of it must have come by counts, or nothing was compared.
    expect(asked).toBeGreaterThan(RUNS * 3);
    expect(counted / asked).toBeGreaterThan(0.2);
  });
});

it.each(["Europe/Vienna", "Atlantic/Azores", "America/Havana", "Australia/Lord_Howe"])(
  "and days on which the clock is put back or forward, by the clock of %s",
  async (zone) => {
    const hour = 3_600_000;
    await plant.client.query("UPDATE plant SET time_zone = $1", [zone]);
    for (const change of ["2026-10-25", "2026-11-01", "2026-10-04", "2026-03-29"]) {
      await plant.clear();
      const begin = Date.parse(`${change}T00:00:00Z`) - 2 * DAY_MS;
      for (let unit = 0; unit < 40; unit += 1)
        await plant.report({ ...ONE, unit, at: begin + unit * 2.5 * hour + 7 });
      await count(begin + 5 * DAY_MS);
      for (const hours of [0, 1.5, 2.5, 13, 13.5, 14, 22, 23.5, 24]) {
        const from = new Date(begin + hours * hour).toISOString();
        const to = new Date(begin + (hours + 75) * hour).toISOString();
        expect(await compare({ from, to, plant: "Graz" })).toBe(true);
      }
    }
  },
);

it("finds a count that is wrong, and puts it right", async () => {
  for (let unit = 0; unit < 10; unit += 1)
    await plant.report({ ...ONE, unit, at: BEGIN + unit * 3_600_000 });
  await count(END);
  const whole = { from: new Date(BEGIN).toISOString(), to: new Date(END).toISOString() };
  expect(await compare(whole)).toBe(true);
  await plant.client.query("UPDATE yield_count SET units = units + 1 WHERE span = 3600");
  const { db } = plant.server.platform;
  expect(await countDayAnew(db, BEGIN)).toMatchObject({ same: false });
  expect(await countDayAnew(db, BEGIN)).toMatchObject({ same: true });
  expect(await compare(whole)).toBe(true);
});

describe("beside results that are stored at the same time", () => {
  const whole = { from: new Date(BEGIN).toISOString(), to: new Date(END).toISOString() };

  it("waits for a result that did not know that its time is counted", async () => {
    await plant.report({ ...ONE, at: BEGIN });
    const reporter = await plant.reporter();
    await reporter.report({ ...ONE, unit: 1, at: BEGIN + DAY_MS }, true);
    const counting = count(END);
    // Longer than counting takes where it does not wait.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const early = await plant.client.query("SELECT FROM yield_count");
    await reporter.done();
    await counting;
    expect(early.rowCount).toBe(0);
    await count(END);
    await reporter.close();
    expect(await compare(whole)).toBe(true);
    expect((await services().counted(whole)).firstPass).toMatchObject({ count: 2, n: 2 });
  });

  it("loses none of many", { timeout: 120_000 }, async () => {
    const reporters = await Promise.all([0, 1, 2, 3].map(() => plant.reporter()));
    const made = fc.sample(attempt, { numRuns: 400, seed: 11 });
    await plant.report({ ...ONE, at: BEGIN });
    let done = false;
    const reporting = Promise.all(
      reporters.map(async (reporter, own) => {
        for (const one of made.filter(({ unit }) => unit % reporters.length === own))
          await reporter.report(one);
      }),
    ).then(() => {
      done = true;
    });
    for (let hours = 0; !done; hours = (hours + 5) % (DAYS * 24)) {
      await count(BEGIN + hours * 3_600_000);
      // The same state of the database for both is not to be had here: that neither fails.
      await services().counted(whole);
    }
    await reporting;
    await count(END);
    for (const reporter of reporters) await reporter.close();
    for (const by of ["host", "nest", "order"] as const)
      expect(await compare({ ...whole, by })).toBe(true);
  });
});
