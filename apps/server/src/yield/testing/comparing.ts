import type { YieldQuery, YieldView } from "@flashline/contract";
import { expect } from "vitest";
import { yieldCounter } from "../counts/counter.ts";
import { figuresRepository } from "../figures.repository.ts";
import { yieldService } from "../service.ts";
import type { MadeAttempt, MadePlant } from "./plant.ts";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const DAYS = 4;
/** All that is made up begins here; it is over long before now. */
export const BEGIN = Math.floor(Date.now() / DAY_MS) * DAY_MS - 9 * DAY_MS;
export const END = BEGIN + DAYS * DAY_MS;
export const WHOLE = { from: new Date(BEGIN).toISOString(), to: new Date(END).toISOString() };
/** Values for the columns that a test does not care about. */
export const ONE: MadeAttempt = {
  unit: 0,
  step: 0,
  at: 0,
  result: "PASS",
  code: "",
  blame: "unit",
  station: 0,
  nest: 0,
  host: 0,
  release: 0,
  order: 0,
  ms: 1_000,
};

/** Longer than any transaction of another test's database lasts: a turn waits for them, and gives up after some seconds. Milliseconds. */
const COUNTED_MS = 120_000;

/** What is not counted yet, or has changed since. */
const UNCOUNTED = `
SELECT FROM yield_progress, (SELECT quarter_of(min(accepted_at)) AS began FROM attempt) a
 WHERE EXISTS (SELECT FROM yield_touched WHERE quarter < counted_until) OR a.began < quarter_of($1) AND counted_until < quarter_of($1)`;

/** Counts everything that began before a time. */
export async function count(plant: MadePlant, until: number): Promise<void> {
  const { db } = plant.server.platform;
  const before = new Date(until);
  for (const end = performance.now() + COUNTED_MS; performance.now() < end; ) {
    const isMore = await yieldCounter(db, Date.now() - until).turn();
    if (!isMore && (await db.sql.query(UNCOUNTED, [before])).length === 0) return;
  }
  expect.fail(`not counted up to ${before.toISOString()}`);
}

/** The same question, answered by what is counted ahead and by attempts alone. */
export function services(plant: MadePlant) {
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
      // A share of the smallest number there is is nothing.
      expect(off).toBeLessThanOrEqual(error * time * (1 + 1e-9) + Number.MIN_VALUE);
    }
  }
}

/** Resolves to whether any of it was told by what is counted ahead. */
export async function compare(plant: MadePlant, query: YieldQuery): Promise<boolean> {
  const { counted, byAttempts } = services(plant);
  const [told, raw] = [await counted(query), await byAttempts(query)];
  expect(exactOf(told), JSON.stringify(query)).toEqual(exactOf(raw));
  expect(raw.times?.relativeError).toBe(0);
  const error = told.times?.relativeError ?? 0;
  expectNear(told.times, raw.times, error);
  expect(told.phases?.map(({ phase }) => phase)).toEqual(raw.phases?.map(({ phase }) => phase));
  for (const [n, phase] of (raw.phases ?? []).entries()) expectNear(told.phases?.[n], phase, error);
  return told.times?.relativeError !== 0;
}
