import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { statement } from "../../db/statement.ts";
import { ALL_DIMS, KEYS, PHASES, SPANS, SUMS, TIMES } from "./columns.ts";

const RowsDigest = z.object({ rows: z.number(), digest: z.string() });
/** How many rows there are, and a number that differs where one of them does. */
export type RowsDigest = Readonly<z.output<typeof RowsDigest>>;

const spans = Object.values(SPANS)
  .map((span) => `(${span})`)
  .join(", ");
const sets = ALL_DIMS.map((dims) => `(${dims}::smallint)`).join(", ");
const DIGEST = statement(
  ["from", "to"],
  RowsDigest,
  `
SELECT count(*)::int AS rows,
       coalesce(sum(hashtextextended(ROW(${["dims", "span", "begins_at", ...KEYS, ...SUMS, ...TIMES, ...PHASES].map((column) => `c.${column}`).join(", ")})::text, 0)::numeric), 0)::text AS digest
  FROM (VALUES ${sets}) s(d) CROSS JOIN (VALUES ${spans}) p(seconds)
  JOIN yield_count c ON c.dims = s.d AND c.span = p.seconds AND c.begins_at >= :from::timestamptz AND c.begins_at < :to::timestamptz`,
);

/** Of all counts of times that begin in a stretch of time, milliseconds since 1970. The order of rows is no part of it. */
export async function digestOf(sql: Sql, from: number, to: number): Promise<RowsDigest> {
  const row = await sql.row(DIGEST, { from: new Date(from), to: new Date(to) });
  return row ?? { rows: 0, digest: "0" };
}
