import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { type Statement, statement } from "../../db/statement.ts";
import { KEYS, keysOfSetSql, NAMED_SETS, SPANS, SUMS } from "./columns.ts";
import type { Piece } from "./cover.ts";
import { datesOf, inPiecesSql, roomFor } from "./pieces-sql.ts";
import { triesSql } from "./tries-sql.ts";

const Nothing = z.object({});
const SETS = `(VALUES ${NAMED_SETS.map(({ dims }) => `(${dims}::smallint)`).join(", ")}) s(dims)`;
const list = (columns: readonly string[]) => columns.join(", ");

/** SQL: adds up those rows of the statement's `counts` that have the same set, time and columns. */
const summedSql = (span: number) => `
INSERT INTO yield_count (dims, span, begins_at, ${list(KEYS)}, ${list(SUMS)}, bins, bin_counts)
SELECT dims, ${span}, begins_at, ${list(KEYS)}, ${list(SUMS.map((column) => `sum(${column})::int`))},
       coalesce(array_agg(bin ORDER BY bin) FILTER (WHERE bin IS NOT NULL), '{}'),
       coalesce(array_agg(n ORDER BY bin) FILTER (WHERE bin IS NOT NULL), '{}')
  FROM (SELECT dims, begins_at, ${list(KEYS)}, bin, ${list(SUMS.map((column) => `sum(${column})::int AS ${column}`))}, sum(n)::int AS n
          FROM (SELECT dims, begins_at, ${list(KEYS)}, ${list(SUMS)}, NULL::smallint AS bin, 0 AS n FROM counts
                UNION ALL
                SELECT dims, begins_at, ${list(KEYS)}, ${list(SUMS.map(() => "0"))}, b.bin, b.n
                  FROM counts CROSS JOIN LATERAL unnest(bins, bin_counts) b(bin, n)) one
         GROUP BY dims, begins_at, ${list(KEYS)}, bin) binned
 GROUP BY dims, begins_at, ${list(KEYS)}`;

const DIMS = `dims IN (${NAMED_SETS.map(({ dims }) => dims).join(", ")})`;
const FORGET = statement(
  ["span", "times"],
  Nothing,
  `DELETE FROM yield_count WHERE ${DIMS} AND span = :span::int AND begins_at = ANY (:times::timestamptz[])`,
);

/** Each statement for so many stretches of time. */
const forRoom = (text: (room: number) => string) => {
  const made = new Map<number, Statement<object, "from" | "to">>();
  return (room: number) => {
    const known = made.get(room) ?? statement(["from", "to"], Nothing, text(room));
    made.set(room, known);
    return known;
  };
};

const QUARTERS = forRoom(
  (room) => `
WITH tries AS MATERIALIZED (${triesSql([inPiecesSql("a.accepted_at", "from", "to", room)])}),
counts AS MATERIALIZED (
  SELECT s.dims, quarter_of(t.begins_at) AS begins_at, ${keysOfSetSql("s.dims", "t")}, ${list(SUMS)}, bins, bin_counts FROM tries t CROSS JOIN ${SETS})
${summedSql(SPANS.quarter)}`,
);

/** Longer times are added up from the next shorter ones. */
const longer = (span: number, from: number) =>
  forRoom(
    (room) => `
WITH counts AS MATERIALIZED (
  SELECT dims, to_timestamp(floor(extract(epoch FROM begins_at) / ${span}) * ${span}) AS begins_at, ${list(KEYS)}, ${list(SUMS)}, bins, bin_counts
    FROM yield_count WHERE ${DIMS} AND span = ${from} AND ${inPiecesSql("begins_at", "from", "to", room)})
${summedSql(span)}`,
  );
const LEVELS = [
  { span: SPANS.quarter, add: QUARTERS },
  { span: SPANS.hour, add: longer(SPANS.hour, SPANS.quarter) },
  { span: SPANS.day, add: longer(SPANS.day, SPANS.hour) },
];

/** Those times of `span` seconds, each by its beginning, that hold any of `quarters` and are over at `until`; milliseconds since 1970. */
function around(quarters: readonly number[], span: number, until: number): readonly number[] {
  const ms = span * 1_000;
  const begins = new Set(quarters.map((quarter) => Math.floor(quarter / ms) * ms));
  return [...begins].filter((at) => at + ms <= until).sort((a, b) => a - b);
}

/** Times that follow each other make one stretch. */
function stretchesOf(times: readonly number[], span: number): readonly Piece[] {
  const stretches: Piece[] = [];
  for (const from of times) {
    const before = stretches.at(-1);
    const to = from + span * 1_000;
    if (before?.to === from) stretches[stretches.length - 1] = { ...before, to };
    else stretches.push({ from, to });
  }
  return stretches;
}

/**
 * Counts attempts anew that began in these quarters of an hour, and the hours and days that they are in, as far as these are over at `until`: what
 * begins later is not counted ahead yet. Times in milliseconds since 1970. For a transaction whose statements are planned anew.
 */
export async function countAnew(
  sql: Sql,
  quarters: readonly number[],
  until: number,
): Promise<void> {
  for (const { span, add } of LEVELS) {
    const times = around(quarters, span, until);
    if (times.length === 0) return;
    const stretches = stretchesOf(times, span);
    await sql.rows(FORGET, { span, times: datesOf(times) });
    await sql.rows(add(roomFor(stretches.length)), {
      from: datesOf(stretches.map(({ from }) => from)),
      to: datesOf(stretches.map(({ to }) => to)),
    });
  }
}
