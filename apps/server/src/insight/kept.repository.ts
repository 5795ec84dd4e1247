import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Slice = z.object({
  last: z.string().nullable(),
  serial: z.string().nullable(),
  kept: z.string().nullable(),
  found: z.string().nullable(),
});
/** A unit whose kept state is not what its jobs come to, or that a day of its attempts was missing of. */
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
kept AS MATERIALIZED (SELECT w.*, keep_unit(w.id) FROM wrong w),
days AS (
  INSERT INTO attempt_day (day, serial, unit_id, accepted_at)
  SELECT DISTINCT (a.accepted_at AT TIME ZONE 'UTC')::date, s.serial COLLATE "C", s.id, a.accepted_at FROM slice s JOIN attempt a ON a.unit_id = s.id
  ON CONFLICT DO NOTHING RETURNING serial, day)
SELECT l.id AS last, k.serial, k.kept, k.found
  FROM (SELECT (SELECT id FROM slice ORDER BY id DESC LIMIT 1) AS id) l
  LEFT JOIN (SELECT serial, kept, found FROM kept UNION ALL SELECT serial, NULL, 'worked on at ' || day FROM days) k ON true`,
);

/** Compares so many units with their jobs and attempts, those with ids above `after`, and puts right what was kept. `last` is null at the end. */
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
  last: z.string().nullable(),
  name: z.string().nullable(),
  units: z.number().nullable(),
  passed: z.number().nullable(),
  running: z.number().nullable(),
  failed: z.number().nullable(),
});
/** An order, release or product whose kept counts are not what its units come to, with what they lacked. */
export interface WrongTally {
  readonly name: string;
  readonly units: number | null;
  readonly passed: number | null;
  readonly running: number | null;
  readonly failed: number | null;
}

/** What jobs change meanwhile is not undone: the difference is added, and one snapshot tells it. */
const repairSql = (found: string) => `
WITH found AS MATERIALIZED (${found}),
kept AS (
  SELECT f.id, coalesce(sum(t.units), 0) AS units, coalesce(sum(t.passed), 0) AS passed,
         coalesce(sum(t.running), 0) AS running, coalesce(sum(t.failed), 0) AS failed
    FROM found f LEFT JOIN tally t ON t.scope = f.id GROUP BY f.id),
wrong AS (
  SELECT f.id, f.name, (f.units - k.units)::int AS units, (f.passed - k.passed)::int AS passed,
         (f.running - k.running)::int AS running, (f.failed - k.failed)::int AS failed
    FROM found f JOIN kept k ON k.id = f.id
   WHERE (f.units, f.passed, f.running, f.failed) IS DISTINCT FROM (k.units, k.passed, k.running, k.failed)),
repaired AS (
  INSERT INTO tally AS t (scope, shard, units, passed, running, failed)
  SELECT id, 0, units, passed, running, failed FROM wrong
  ON CONFLICT (scope, shard) DO UPDATE SET units = t.units + excluded.units, passed = t.passed + excluded.passed,
    running = t.running + excluded.running, failed = t.failed + excluded.failed)
SELECT l.last, w.name, w.units, w.passed, w.running, w.failed
  FROM (SELECT max(id::text) AS last FROM found) l LEFT JOIN wrong w ON true`;

/** What the units of `scopes` come to; `jobs` gives each with its units. */
const countedSql = (scopes: string, jobs: string) => `
  SELECT o.id, o.name, 0 AS units, count(*) FILTER (WHERE s.counted ->> o.id::text = 'passed') AS passed,
         count(*) FILTER (WHERE s.counted ->> o.id::text = 'running') AS running,
         count(*) FILTER (WHERE s.counted ->> o.id::text = 'failed') AS failed
    FROM (${scopes}) o LEFT JOIN LATERAL (${jobs}) j ON true LEFT JOIN unit_state s ON s.unit_id = j.unit_id
   GROUP BY o.id, o.name`;
const JOBS_OF_ORDER = "SELECT DISTINCT unit_id FROM job WHERE work_order_id = o.id";
/** A unit counts for a release once an attempt was told. */
const JOBS_OF_RELEASE = "SELECT DISTINCT unit_id FROM attempt WHERE release_id = o.id";

const REPAIRS = {
  openOrders: statement(
    [],
    Wrong,
    repairSql(
      countedSql("SELECT id, number AS name FROM work_order WHERE state = 'open'", JOBS_OF_ORDER),
    ),
  ),
  products: statement(
    [],
    Wrong,
    repairSql(`
  SELECT p.id, p.name, (SELECT count(*) FROM unit u WHERE u.product_id = p.id) AS units, 0 AS passed, 0 AS running, 0 AS failed
    FROM product p`),
  ),
};
const REPAIRS_IN_TURN = {
  closedOrders: statement(
    ["after", "most"],
    Wrong,
    repairSql(
      countedSql(
        "SELECT id, number AS name FROM work_order WHERE state <> 'open' AND id > :after::uuid ORDER BY id LIMIT :most",
        JOBS_OF_ORDER,
      ),
    ),
  ),
  releases: statement(
    ["after", "most"],
    Wrong,
    repairSql(
      countedSql(
        "SELECT id, version AS name FROM release WHERE id > :after::uuid ORDER BY id LIMIT :most",
        JOBS_OF_RELEASE,
      ),
    ),
  ),
};

const wrongOf = (rows: readonly z.infer<typeof Wrong>[]): readonly WrongTally[] =>
  rows.flatMap(({ last: _, name, ...counts }) => (name === null ? [] : [{ name, ...counts }]));

/** Compares all kept counts of a kind with their units and puts them right. */
export const repairTallies = async (
  sql: Sql,
  kind: keyof typeof REPAIRS,
): Promise<readonly WrongTally[]> => wrongOf(await sql.rows(REPAIRS[kind], {}));

/** The same for `most` of a kind, those with ids above `after`. `last` is null at the end. */
export async function repairTalliesAfter(
  sql: Sql,
  kind: keyof typeof REPAIRS_IN_TURN,
  after: string,
  most: number,
): Promise<{ readonly last: string | null; readonly wrong: readonly WrongTally[] }> {
  const rows = await sql.rows(REPAIRS_IN_TURN[kind], { after, most });
  return { last: rows[0]?.last ?? null, wrong: wrongOf(rows) };
}

const WrongQuarter = z.object({
  station: z.string(),
  beginsAt: z.date(),
  passed: z.number(),
  failed: z.number(),
});
const REPAIR_QUARTERS = statement(
  ["hours"],
  WrongQuarter,
  `
WITH since AS MATERIALIZED (SELECT quarter_of(now() - :hours::int * interval '1 hour') AS at),
found AS (
  SELECT a.station_id, quarter_of(a.received_at) AS begins_at, count(*) FILTER (WHERE a.outcome = 'PASS') AS passed,
         count(*) FILTER (WHERE a.outcome = 'FAIL') AS failed
    FROM attempt a WHERE a.received_at >= (SELECT at FROM since) AND NOT a.late AND a.outcome IS NOT NULL GROUP BY 1, 2),
kept AS (SELECT q.* FROM station_quarter q WHERE q.begins_at >= (SELECT at FROM since)),
wrong AS (
  SELECT station_id, begins_at, (coalesce(f.passed, 0) - coalesce(k.passed, 0))::int AS passed,
         (coalesce(f.failed, 0) - coalesce(k.failed, 0))::int AS failed
    FROM found f FULL JOIN kept k USING (station_id, begins_at)
   WHERE (coalesce(f.passed, 0), coalesce(f.failed, 0)) <> (coalesce(k.passed, 0), coalesce(k.failed, 0))),
repaired AS (
  INSERT INTO station_quarter AS q (station_id, begins_at, passed, failed) SELECT station_id, begins_at, passed, failed FROM wrong
  ON CONFLICT (station_id, begins_at) DO UPDATE SET passed = q.passed + excluded.passed, failed = q.failed + excluded.failed)
SELECT s.name AS station, w.begins_at AS "beginsAt", w.passed, w.failed FROM wrong w JOIN station s ON s.id = w.station_id`,
);
/** Days are counted from them, and no day is longer. */
const FORGET_QUARTERS = "DELETE FROM station_quarter WHERE begins_at < now() - interval '2 days'";

/** Compares what stations' attempts of the last hours came to with what is kept of it, puts that right, and forgets what is too old to be asked for. */
export async function repairQuarters(
  sql: Sql,
  hours: number,
): Promise<readonly z.infer<typeof WrongQuarter>[]> {
  await sql.execute(FORGET_QUARTERS);
  return await sql.rows(REPAIR_QUARTERS, { hours });
}
