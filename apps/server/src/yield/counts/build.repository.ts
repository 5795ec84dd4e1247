import { z } from "zod";
import { NOT_PREPARED } from "../../db/prepared.ts";
import type { Sql } from "../../db/sql.ts";
import { type Statement, statement } from "../../db/statement.ts";
import {
  ALL_DIMS,
  KEYS,
  keysOfSetSql,
  NAMED_SETS,
  PHASES,
  PLACE_DAYS,
  phasesOfSetSql,
  SPANS,
  SUMS,
  TIMES,
} from "./columns.ts";
import type { Piece } from "./cover.ts";
import { datesOf, inPiecesSql, roomFor } from "./pieces-sql.ts";
import { triesSql } from "./tries-sql.ts";

const Nothing = z.object({});
const SETS = `(VALUES ${NAMED_SETS.map(({ dims }) => `(${dims}::smallint)`).join(", ")}) s(dims)`;
const list = (columns: readonly string[]) => columns.join(", ");

const KEYED = `dims, begins_at, ${list(KEYS)}`;
/** SQL: a histogram of the rows' bins, one array in the order of the other. */
const arraySql = (column: string, isPhase: boolean) =>
  `coalesce(array_agg(${column} ORDER BY phase, bin) FILTER (WHERE bin IS NOT NULL AND phase ${isPhase ? "<>" : "="} ''), '{}')`;
const binsSql = (phase: string, unnested: string) => `
                SELECT ${KEYED}, ${list(SUMS.map(() => "0"))}, ${phase}, b.bin, b.n FROM counts CROSS JOIN LATERAL ${unnested}`;
/** SQL: adds up those rows of the statement's `counts` that have the same set, time and columns. */
const summedSql = (span: number) => `
INSERT INTO yield_count (dims, span, begins_at, ${list([...KEYS, ...SUMS, ...TIMES, ...PHASES])})
SELECT dims, ${span}, begins_at, ${list(KEYS)}, ${list(SUMS.map((column) => `sum(${column})::int`))},
       ${arraySql("bin", false)}, ${arraySql("n", false)}, ${arraySql("phase", true)}, ${arraySql("bin", true)}, ${arraySql("n", true)}
  FROM (SELECT ${KEYED}, phase, bin, ${list(SUMS.map((column) => `sum(${column})::int AS ${column}`))}, sum(n)::int AS n
          FROM (SELECT ${KEYED}, ${list(SUMS)}, '' AS phase, NULL::smallint AS bin, 0 AS n FROM counts
                UNION ALL ${binsSql("''", "unnest(bins, bin_counts) b(bin, n)")}
                UNION ALL ${binsSql("b.phase", "unnest(phases, phase_bins, phase_counts) b(phase, bin, n)")}) one
         GROUP BY ${KEYED}, phase, bin) binned
 GROUP BY ${KEYED}`;

const DIMS = `dims IN (${ALL_DIMS.join(", ")})`;
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
  (room) => `${NOT_PREPARED}
WITH tries AS MATERIALIZED (${triesSql([inPiecesSql("a.accepted_at", "from", "to", room)], true)}),
counts AS MATERIALIZED (
  SELECT s.dims, quarter_of(t.begins_at) AS begins_at, ${keysOfSetSql("s.dims", "t")}, ${list([...SUMS, ...TIMES])}, ${phasesOfSetSql("s.dims", "t")} FROM tries t CROSS JOIN ${SETS})
${summedSql(SPANS.quarter)}`,
);

const PLACE_KEYS = KEYS.map((key) =>
  key in PLACE_DAYS.leftOut
    ? `'${PLACE_DAYS.leftOut[key as keyof typeof PLACE_DAYS.leftOut]}'`
    : key,
);
const PLACE_DAYS_SQL = `
  UNION ALL SELECT ${PLACE_DAYS.dims}, begins_at, ${list([...PLACE_KEYS, ...SUMS])}, ${list([...TIMES, ...PHASES].map(() => "'{}'"))}
    FROM sets WHERE dims = ${PLACE_DAYS.of}`;

/** Longer times are added up from the next shorter ones. */
const longer = (span: number, from: number) =>
  forRoom(
    (room) => `${NOT_PREPARED}
WITH sets AS MATERIALIZED (
  SELECT dims, to_timestamp(floor(extract(epoch FROM begins_at) / ${span}) * ${span}) AS begins_at, ${list([...KEYS, ...SUMS, ...TIMES, ...PHASES])}
    FROM yield_count WHERE ${DIMS} AND span = ${from} AND ${inPiecesSql("begins_at", "from", "to", room)}),
counts AS NOT MATERIALIZED (SELECT * FROM sets ${span === SPANS.day ? PLACE_DAYS_SQL : ""})
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
