import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plannedAnew } from "../db/planned.ts";
import type { Sql } from "../db/sql.ts";
import { statement, whereSql } from "../db/statement.ts";
import { countedSql, selectedSql } from "../selection/conditions.ts";
import { HEADS } from "../yield/figures-sql.ts";
import { jsonSql } from "../yield/parts-sql.ts";
import { BUCKET_MS } from "./pace.ts";

const Made = z.object({
  virtual: z.boolean(),
  products: z.array(z.object({ product: z.string(), made: z.number() })),
  buckets: z.array(z.object({ bucket: z.number(), made: z.number() })),
  nests: z.array(
    z.object({
      station: z.string(),
      made: z.number(),
      /** Times between two of its units, and their median. */
      times: z.number(),
      medianMs: z.number().nullable(),
    }),
  ),
});
/** What a line made in a stretch of time. Each unit counts once, where and when it passed first. */
export type Made = Readonly<z.infer<typeof Made>>;

const NAMES = ["from", "to", "line"] as const;

/**
 * SQL: what a line made in a stretch of time, as `passed`: each unit once, with the attempt that passed first. Units are those that yields count: not what
 * contradicts its job, and virtual ones only where there are no others.
 */
const PASSED = `
everything AS MATERIALIZED (
  SELECT a.unit_id, a.station_id, a.nest_id, a.release_id, a.virtual, a.outcome, a.accepted_at, a.received_at FROM attempt a
  ${whereSql([
    countedSql("a"),
    `a.step_id IN (${HEADS})`,
    ...selectedSql((name) => (NAMES as readonly string[]).includes(name)),
  ])}),
kind AS MATERIALIZED (SELECT coalesce(NOT bool_or(NOT virtual), false) AS virtual FROM everything),
passed AS MATERIALIZED (
  SELECT DISTINCT ON (unit_id) * FROM everything WHERE outcome = 'PASS' AND virtual = (SELECT virtual FROM kind)
   ORDER BY unit_id, accepted_at)`;

const MADE = statement(
  NAMES,
  Made,
  `
WITH ${PASSED},
gaps AS MATERIALIZED (
  SELECT station_id, nest_id,
         extract(epoch FROM accepted_at - lag(accepted_at) OVER (PARTITION BY nest_id ORDER BY accepted_at)) * 1000 AS ms FROM passed)
SELECT (SELECT virtual FROM kind) AS virtual,
       ${jsonSql(
         `SELECT p.name AS product, count(*)::int AS made FROM passed x JOIN release r ON r.id = x.release_id
            JOIN product p ON p.id = r.product_id GROUP BY 1`,
         "product",
       )} AS products,
       ${jsonSql(
         `SELECT floor(extract(epoch FROM accepted_at - :from::timestamptz) * 1000 / ${BUCKET_MS})::int AS bucket, count(*)::int AS made
            FROM passed GROUP BY 1`,
         "bucket",
       )} AS buckets,
       ${jsonSql(
         `SELECT s.name AS station, g.nest_id, count(*)::int AS made, count(g.ms)::int AS times,
                 percentile_cont(0.5) WITHIN GROUP (ORDER BY g.ms::float8) AS "medianMs"
            FROM gaps g JOIN station s ON s.id = g.station_id GROUP BY 1, 2`,
         "station, nest_id",
       )} AS nests`,
);

const COUNTS = statement(
  NAMES,
  z.object({ product: z.string(), made: z.number() }),
  `
WITH ${PASSED}
SELECT p.name AS product, count(*)::int AS made FROM passed x JOIN release r ON r.id = x.release_id JOIN product p ON p.id = r.product_id
 GROUP BY 1`,
);
const PASSES = statement(
  NAMES,
  z.object({ product: z.string(), at: z.date() }),
  `
WITH ${PASSED}
SELECT p.name AS product, x.received_at AS at FROM passed x JOIN release r ON r.id = x.release_id JOIN product p ON p.id = r.product_id
 WHERE x.received_at IS NOT NULL ORDER BY 2`,
);

/** How many units a line made in a stretch of time, by product. It costs much less than all that there is to say of them. */
export const countsOf = (sql: Sql, from: Date, to: Date, line: string) =>
  sql.rows(COUNTS, { from, to, line });

/** When the server knew of each unit that a line made in a stretch of time, in that order. */
export const passesOf = (sql: Sql, from: Date, to: Date, line: string) =>
  sql.rows(PASSES, { from, to, line });

export const paceRepository = (db: Pick<Database, "transaction">) => ({
  made: (from: Date, to: Date, line: string): Promise<Made> =>
    plannedAnew(db, async (sql) => {
      const row = await sql.row(MADE, { from, to, line });
      if (row === undefined) throw new FlashlineError("internal.bug", "A pace has no row.");
      return row;
    }),
});
