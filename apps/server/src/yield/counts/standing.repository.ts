import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { statement } from "../../db/statement.ts";
import type { FoundSelection } from "../../selection/conditions.ts";
import type { Buckets } from "../figures.ts";
import { touchedSql } from "./progress.repository.ts";

const Standing = z.object({
  /** What began before it is counted. */
  until: z.coerce.number(),
  /** Quarters of an hour whose counts are not right now, or in which a station was moved: it was at two lines. */
  touched: z.array(z.coerce.number()),
  /** Every station was always in the selection's plant, in its line. */
  allInPlant: z.boolean(),
  allInLine: z.boolean(),
});
/** What is counted ahead of a stretch of time; milliseconds since 1970. */
export type Standing = Readonly<z.output<typeof Standing>>;

/** The table is read once, and is nearly always empty. */
const STANDING = statement(
  ["from", "to", "plant", "line"],
  Standing,
  `
WITH touched AS MATERIALIZED (SELECT * FROM yield_touched),
quarters AS (
  SELECT at FROM (${touchedSql("touched", { from: ":from::timestamptz - interval '15 minutes'", to: ":to::timestamptz" })}) t
  UNION SELECT floor(extract(epoch FROM since) / 900) * 900000 FROM station_line WHERE since > '-infinity')
SELECT (extract(epoch FROM counted_until) * 1000)::bigint AS until,
       ARRAY(SELECT at FROM quarters WHERE at > extract(epoch FROM :from::timestamptz) * 1000 - 900000
                AND at < extract(epoch FROM :to::timestamptz) * 1000 ORDER BY 1) AS touched,
       NOT EXISTS (SELECT FROM station_line sl JOIN line l ON l.id = sl.line_id WHERE l.plant_id IS DISTINCT FROM :plant::uuid) AS "allInPlant",
       NOT EXISTS (SELECT FROM station_line sl WHERE sl.line_id IS DISTINCT FROM :line::uuid) AS "allInLine"
  FROM yield_progress`,
);

/** What is counted ahead of a selection's time, as the transaction sees it. */
export async function standingOf(sql: Sql, selection: FoundSelection): Promise<Standing> {
  const { from, to, plant = null, line = null } = selection;
  const row = await sql.row(STANDING, { from, to, plant, line });
  if (row === undefined) throw new FlashlineError("internal.bug", "Yields have no progress.");
  return row;
}

const CUTS = statement(
  ["from", "to", "bucketZone", "bucketS"],
  z.object({ at: z.coerce.number(), midnight: z.boolean() }),
  `
SELECT (extract(epoch FROM at AT TIME ZONE :bucketZone) * 1000)::bigint AS at, at = date_trunc('day', at) AS midnight
  FROM generate_series(:from::timestamptz AT TIME ZONE :bucketZone, (:to::timestamptz AT TIME ZONE :bucketZone) - interval '1 ms',
                       :bucketS::int * interval '1 second') AS g(at) ORDER BY 1`,
);

/**
 * When each part of a stretch begins; `isClear`: no time of day at which they begin comes twice, because they begin at midnight or the clock was not
 * changed between them.
 */
export async function cutsOf(
  sql: Sql,
  { from, to }: FoundSelection,
  { bucketZone, bucketS }: Buckets,
): Promise<{ readonly at: readonly number[]; readonly isClear: boolean }> {
  const rows = await sql.rows(CUTS, { from, to, bucketZone, bucketS });
  const at = rows.map((row) => row.at);
  const isEven = at.every((one, n) => n === 0 || one - (at[n - 1] ?? 0) === bucketS * 1_000);
  return { at, isClear: isEven || rows.every(({ midnight }) => midnight) };
}
