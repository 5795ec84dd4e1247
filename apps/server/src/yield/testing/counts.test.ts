import type { YieldQuery } from "@flashline/contract";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rebuildCounts } from "../counts/rebuild.ts";
import { attempt, minute } from "./arbitrary.ts";
import { BEGIN, compare, count, END, MINUTE_MS } from "./comparing.ts";
import { HOSTS, type MadeAttempt, type MadePlant, madePlant } from "./plant.ts";

/** More of them: FLASHLINE_RUNS=500. */
const RUNS = Number(process.env["FLASHLINE_RUNS"] ?? 25);
/** No longer, however many are asked for. */
const MOST_S = 480;

let plant: MadePlant;
beforeAll(async () => {
  plant = await madePlant();
});
afterAll(() => plant.close());

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
    phases: fc.option(fc.constant("true" as const), { nil: undefined, freq: 1 }),
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
    host: fc.nat(1),
    rung: fc.constantFrom("SUSPECT", "OK"),
    at,
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("count" as const), until: at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("ask" as const), query }) },
);
const start = fc.record({
  zone: fc.constantFrom("Europe/Vienna", "UTC", "Asia/Kolkata", "America/St_Johns"),
  attempts: fc.array(attempt, { minLength: 20, maxLength: 40 }),
  until: fc.oneof(at, fc.constant(END)),
});

describe("what is counted ahead tells what attempts tell", () => {
  it("whatever was reported, repaired, judged and counted in whatever order", {
    timeout: 600_000,
  }, async () => {
    let runs = 0;
    let asked = 0;
    let counted = 0;
    const property = fc.asyncProperty(
      start,
      fc.array(deed, { minLength: 10, maxLength: 25, size: "max" }),
      async ({ zone, attempts, until }, deeds) => {
        await plant.clear();
        await plant.client.query("UPDATE plant SET time_zone = $1", [zone]);
        for (const one of attempts) await plant.report(one);
        await count(plant, until);
        for (const one of deeds) {
          if (one.kind === "report") for (const made of one.attempts) await plant.report(made);
          else if (one.kind === "repair") await plant.repair(one.unit, one.at);
          else if (one.kind === "judge") await plant.judge(one.host, one.rung, one.at);
          else if (one.kind === "count") await count(plant, one.until);
          else {
            asked++;
            if (await compare(plant, one.query)) counted++;
          }
        }
        await count(plant, END);
        await compare(plant, {
          from: new Date(BEGIN).toISOString(),
          to: new Date(END).toISOString(),
          by: "host",
        });
        // Counted anew, it is what it was.
        expect((await rebuildCounts(plant.server.platform.db)).wrong).toEqual([]);
        runs++;
      },
    );
    await fc.assert(property, {
      numRuns: RUNS,
      interruptAfterTimeLimit: MOST_S * 1000,
      markInterruptAsFailure: false,
      endOnFailure: process.env["FLASHLINE_SHRINK"] !== "1",
    });
    // Enough of it must have come by counts, or nothing was compared.
    expect(runs).toBeGreaterThanOrEqual(Math.min(RUNS, 25));
    expect(asked).toBeGreaterThan(runs * 3);
    expect(counted / asked).toBeGreaterThan(0.2);
  });
});
