import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { statement } from "../../db/statement.ts";

/** Any number that nothing else locks. Held to the end of a turn: a replica that dies leaves it. */
const YIELD_LOCK = 4_706_426;

const Progress = z.object({
  /** What began before it is counted, and what changes before `watchedUntil` is noted. Milliseconds since 1970. */
  countedUntil: z.coerce.number(),
  watchedUntil: z.coerce.number(),
  /** The quarter of the first attempt of all; null without any. */
  first: z.coerce.number().nullable(),
  /** The quarter of an hour in which it is now. */
  now: z.coerce.number(),
});
/** How far attempts are counted ahead. */
export type CountProgress = z.output<typeof Progress>;

const ms = (at: string) => `(extract(epoch FROM ${at}) * 1000)::bigint`;
const TAKE = statement(
  ["lock"],
  z.object({ mine: z.boolean() }),
  "SELECT pg_try_advisory_xact_lock(:lock) AS mine",
);
const WAIT = statement(["lock"], z.object({}), "SELECT FROM pg_advisory_xact_lock(:lock)");
// After the lock and in a statement of its own: what another replica had done before it let go is seen.
const PROGRESS = statement(
  ["lagMs"],
  Progress,
  `
SELECT ${ms("counted_until")} AS "countedUntil", ${ms("watched_until")} AS "watchedUntil",
       ${ms("quarter_of((SELECT accepted_at FROM attempt ORDER BY accepted_at, id LIMIT 1))")} AS first,
       ${ms("quarter_of(now() - :lagMs::bigint * interval '1 ms')")} AS now
  FROM yield_progress`,
);
const WATCH = statement(
  ["until"],
  z.object({}),
  "UPDATE yield_progress SET watched_until = :until::timestamptz",
);
const COUNTED = statement(
  ["until"],
  z.object({}),
  "UPDATE yield_progress SET counted_until = :until::timestamptz",
);

/** Where the counting stands, for who may work on it to the end of the transaction. Undefined: another replica is at it. */
export async function takeTurn(sql: Sql, lagMs: number): Promise<CountProgress | undefined> {
  const lock = await sql.row(TAKE, { lock: YIELD_LOCK });
  return lock?.mine === true ? await sql.row(PROGRESS, { lagMs }) : undefined;
}
/** The same, once a turn that runs is over. */
export async function waitTurn(sql: Sql, lagMs: number): Promise<CountProgress | undefined> {
  await sql.rows(WAIT, { lock: YIELD_LOCK });
  return await sql.row(PROGRESS, { lagMs });
}
export async function watchUntil(sql: Sql, until: number): Promise<void> {
  await sql.rows(WATCH, { until: new Date(until) });
}
export async function countedUntil(sql: Sql, until: number): Promise<void> {
  await sql.rows(COUNTED, { until: new Date(until) });
}

const NEXT_TRANSACTION = statement(
  [],
  z.object({ next: z.string() }),
  "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next",
);
const ENDED = statement(
  ["next"],
  z.object({ ended: z.boolean() }),
  "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= :next::xid8 AS ended",
);
/** Whatever writes now has a number below this one. */
export const nextTransaction = async (sql: Sql): Promise<string> =>
  (await sql.row(NEXT_TRANSACTION, {}))?.next ?? "";
/** Whether all that have numbers below it have ended. */
export const haveEnded = async (sql: Sql, next: string): Promise<boolean> =>
  (await sql.row(ENDED, { next }))?.ended === true;

/**
 * SQL: the quarters of an hour, in milliseconds since 1970 as `at`, that have changed since they were counted. `touched` are rows of that table; of
 * what names a unit or a host only attempts are looked for that were accepted from `from` on and before `to`. That is looked up only here, so that
 * a result which is stored at the same time is not missed. Each host's failures are read by its own index: in a large plant that is little of all.
 */
export const touchedSql = (
  touched: string,
  { from = "'-infinity'", to }: { readonly from?: string; readonly to: string },
): string => {
  const within = `a.accepted_at >= ${from} AND a.accepted_at < ${to}`;
  return `
SELECT ${ms("quarter")} AS at FROM ${touched} t WHERE quarter IS NOT NULL
UNION SELECT ${ms("quarter_of(a.accepted_at)")} FROM ${touched} t JOIN attempt a ON a.unit_id = t.unit_id AND a.first AND ${within}
UNION SELECT ${ms("quarter_of(a.accepted_at)")}
        FROM (SELECT host_id, min(since) AS since FROM ${touched} WHERE host_id IS NOT NULL GROUP BY host_id) t
        CROSS JOIN LATERAL (
          SELECT accepted_at FROM attempt a
           WHERE a.host_id = t.host_id AND a.outcome = 'FAIL' AND a.blame = 'host' AND a.first AND a.received_at >= t.since - interval '1 day'
             AND a.accepted_at >= t.since AND ${within} OFFSET 0) a`;
};

const TAKE_TOUCHED = statement(
  ["most"],
  z.object({ at: z.coerce.number() }),
  `
WITH taken AS (
  DELETE FROM yield_touched WHERE id IN (SELECT id FROM yield_touched ORDER BY id LIMIT :most::int) RETURNING *)
${touchedSql("taken", { to: "(SELECT counted_until FROM yield_progress)" })}`,
);
const TOUCH = statement(
  ["quarters"],
  z.object({}),
  "INSERT INTO yield_touched (quarter) SELECT unnest(:quarters::timestamptz[])",
);

/**
 * Takes out the first of what has changed; resolves to the quarters of an hour that this means, the earliest first: of those that are counted.
 * Milliseconds since 1970.
 */
export async function takeTouched(sql: Sql, most: number): Promise<readonly number[]> {
  const rows = await sql.rows(TAKE_TOUCHED, { most });
  return rows.map(({ at }) => at).sort((a, b) => a - b);
}
/** Notes quarters of an hour as changed. */
export async function touchQuarters(sql: Sql, quarters: readonly number[]): Promise<void> {
  await sql.rows(TOUCH, { quarters: quarters.map((at) => new Date(at)) });
}

const HAS_TOUCHED = statement(
  ["from", "to"],
  z.object({ found: z.boolean() }),
  `
SELECT EXISTS (
  SELECT FROM (${touchedSql("yield_touched", { from: "to_timestamp(:from::bigint / 1000.0)", to: "to_timestamp(:to::bigint / 1000.0)" })}) q
   WHERE at >= :from::bigint AND at < :to::bigint) AS found`,
);
/** Whether attempts of a stretch of time have changed since they were counted; milliseconds since 1970. */
export const hasTouched = async (sql: Sql, from: number, to: number): Promise<boolean> =>
  (await sql.row(HAS_TOUCHED, { from, to }))?.found === true;
