import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Slice = z.object({
  last: z.string().nullable(),
  serial: z.string().nullable(),
  kept: z.string().nullable(),
  found: z.string().nullable(),
});
/** A unit whose kept state is not what its jobs come to. */
export interface WrongUnit {
  readonly serial: string;
  readonly kept: string | null;
  readonly found: string | null;
}

const REPAIR_UNITS = statement(
  ["after", "most"],
  Slice,
  `
WITH slice AS MATERIALIZED (
  SELECT u.id, u.serial FROM unit u WHERE u.id > :after::uuid ORDER BY u.id LIMIT :most),
wrong AS MATERIALIZED (
  SELECT s.id, s.serial, concat_ws(' ', k.state, k.worked_at, k.counted) AS kept,
         concat_ws(' ', n.state, n.worked_at, n.counted) AS found
    FROM slice s LEFT JOIN unit_state k ON k.unit_id = s.id CROSS JOIN LATERAL unit_now(s.id) n
   WHERE (k.state, k.worked_at, k.counted) IS DISTINCT FROM (n.state, n.worked_at::timestamptz(3), n.counted)),
kept AS MATERIALIZED (SELECT w.*, keep_unit(w.id) FROM wrong w)
SELECT l.id AS last, k.serial, k.kept, k.found
  FROM (SELECT (SELECT id FROM slice ORDER BY id DESC LIMIT 1) AS id) l LEFT JOIN kept k ON true`,
);

/** Compares so many units with their jobs, those with ids above `after`, and puts right what was kept. `last` is null at the end. */
export async function repairUnits(
  sql: Sql,
  after: string,
  most: number,
): Promise<{ readonly last: string | null; readonly wrong: readonly WrongUnit[] }> {
  const rows = await sql.rows(REPAIR_UNITS, { after, most });
  const wrong = rows.flatMap(({ serial, kept, found }) =>
    serial === null ? [] : [{ serial, kept, found }],
  );
  return { last: rows[0]?.last ?? null, wrong };
}

const Wrong = z.object({
  number: z.string(),
  passed: z.number(),
  running: z.number(),
  failed: z.number(),
});
/** An open order whose kept counts are not what its units come to, with what they lacked. */
export type WrongTally = z.infer<typeof Wrong>;

/** What jobs change meanwhile is not undone: the difference is added, and one snapshot tells it. */
const REPAIR_TALLIES = statement(
  [],
  Wrong,
  `
WITH found AS (
  SELECT o.id, o.number, count(*) FILTER (WHERE s.counted ->> o.id::text = 'passed') AS passed,
         count(*) FILTER (WHERE s.counted ->> o.id::text = 'running') AS running,
         count(*) FILTER (WHERE s.counted ->> o.id::text = 'failed') AS failed
    FROM work_order o LEFT JOIN (SELECT DISTINCT work_order_id, unit_id FROM job) j ON j.work_order_id = o.id
    LEFT JOIN unit_state s ON s.unit_id = j.unit_id
   WHERE o.state = 'open' GROUP BY o.id),
kept AS (
  SELECT f.id, coalesce(sum(t.passed), 0) AS passed, coalesce(sum(t.running), 0) AS running, coalesce(sum(t.failed), 0) AS failed
    FROM found f LEFT JOIN tally t ON t.scope = f.id GROUP BY f.id),
wrong AS (
  SELECT f.id, f.number, (f.passed - k.passed)::int AS passed, (f.running - k.running)::int AS running,
         (f.failed - k.failed)::int AS failed
    FROM found f JOIN kept k ON k.id = f.id
   WHERE (f.passed, f.running, f.failed) IS DISTINCT FROM (k.passed, k.running, k.failed)),
repaired AS (
  INSERT INTO tally AS t (scope, shard, passed, running, failed)
  SELECT id, 0, passed, running, failed FROM wrong
  ON CONFLICT (scope, shard) DO UPDATE SET passed = t.passed + excluded.passed,
    running = t.running + excluded.running, failed = t.failed + excluded.failed)
SELECT number, passed, running, failed FROM wrong`,
);

/** Compares the kept counts of open orders with their units and puts them right. */
export const repairTallies = (sql: Sql): Promise<readonly WrongTally[]> =>
  sql.rows(REPAIR_TALLIES, {});
