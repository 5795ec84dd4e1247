import { NOT_PREPARED } from "../../db/prepared.ts";
import { whereSql } from "../../db/statement.ts";
import { SELECTED, type Selected, selectedSql } from "../../selection/conditions.ts";
import { HEADS } from "../figures-sql.ts";
import { baseSql, type Dimension } from "../groups.ts";
import { BUCKETS, bucketSql, groupsSql, jsonSql, unknownJobsSql } from "../parts-sql.ts";
import {
  KEYS,
  type NamedSet,
  NOBODY,
  PHASES,
  PLACE_DAYS,
  type Place,
  SPANS,
  SUMS,
  setWith,
  TIMES,
} from "./columns.ts";
import { inPiecesSql } from "./pieces-sql.ts";
import { triesSql } from "./tries-sql.ts";

/** What a statement over counts takes beside a selection: pieces of a {@link Cover}. */
export const COVER_PARAMETERS = [
  ...["countedSpan", "countedFrom", "countedTo"],
  ...["attemptsFrom", "attemptsTo"],
] as const;
/** The same for the parts of a stretch. */
export const PART_PARAMETERS = ["partSpan", "partFrom", "partTo"] as const;

/** Which columns a filter or a dimension needs; undefined: no set has them. */
const NEEDS: Readonly<Partial<Record<Selected | Dimension, readonly Place[]>>> = {
  from: [],
  to: [],
  outcome: [],
  code: [],
  blame: [],
  virtual: [],
  product: [],
  step: [],
  release: [],
  image: [],
  plant: ["station_id"],
  line: ["station_id"],
  station: ["station_id"],
  nest: ["nest_id"],
  host: ["host_id"],
  model: ["host_id"],
  order: ["work_order_id"],
};

/** The set by which a selection can be told, also grouped by a dimension; undefined: by none. */
export function setOf(
  given: readonly Selected[],
  by?: Dimension | undefined,
): NamedSet | undefined {
  const needed = [...given, ...(by === undefined ? [] : [by])].map((name) => NEEDS[name]);
  return needed.includes(undefined) ? undefined : setWith(needed.flatMap((places) => places ?? []));
}

const COLUMNS = ["begins_at", ...KEYS, ...SUMS];
/** Time is what the pieces say. */
const WITHOUT: readonly Selected[] = ["from", "to"];

/** For how many pieces of each kind a statement is written. */
export interface Room {
  readonly counted: number;
  readonly attempts: number;
  readonly part: number;
}

/** What {@link PLACE_DAYS} can be filtered by, and grouped by. Where one station or host is asked for, its own index is better. */
const PLACE_FILTERS: readonly Selected[] = ["from", "to", "step", "virtual", "outcome"];
const PLACE_GROUPS: readonly Dimension[] = ["line", "station", "host", "model"];
/** Whether a set's days may be those. */
const hasPlaceDays = (
  set: NamedSet,
  isGiven: (name: Selected) => boolean,
  by: Dimension,
): boolean =>
  set.dims === PLACE_DAYS.of &&
  PLACE_GROUPS.includes(by) &&
  SELECTED.every((name) => !isGiven(name) || PLACE_FILTERS.includes(name));

/** SQL: counts of a set in these pieces, in the selection. `placeDays`: as {@link hasPlaceDays} has it. */
function countsSql(
  set: NamedSet,
  pieces: "counted" | "part",
  room: Room,
  columns: readonly string[],
  isGiven: (name: Selected) => boolean,
  placeDays = false,
): string {
  const span = (number: number) => `(:${pieces}Span::int[])[${number}]`;
  const dims = (number: number) =>
    placeDays
      ? `c.dims = CASE ${span(number)} WHEN ${SPANS.day} THEN ${PLACE_DAYS.dims} ELSE ${set.dims} END`
      : `c.dims = ${set.dims}`;
  return `
  SELECT ${columns.map((column) => `c.${column}`).join(", ")} FROM yield_count c
    ${whereSql([
      !placeDays && `c.dims = ${set.dims}`,
      inPiecesSql(
        "c.begins_at",
        `${pieces}From`,
        `${pieces}To`,
        room[pieces],
        (number) => `${dims(number)} AND c.span = ${span(number)} AND `,
      ),
      ...selectedSql(isGiven, "c", WITHOUT, "c.begins_at"),
    ])}`;
}

/** SQL: the selection's attempts of those pieces that are not counted ahead. */
const attemptsSql = (room: Room, withPhases: boolean, isGiven: (name: Selected) => boolean) =>
  triesSql(
    [
      inPiecesSql("a.accepted_at", "attemptsFrom", "attemptsTo", room.attempts),
      ...selectedSql(isGiven, "a", WITHOUT),
    ],
    withPhases,
  );

const sum = (column: string, where?: string) =>
  `coalesce(sum(${column})${where === undefined ? "" : ` FILTER (WHERE ${where})`}, 0)::int`;
const COHORT = `
${sum("units")} AS units, ${sum("units", "outcome = 'PASS'")} AS "passedFirst", ${sum("passed_second")} AS "passedSecond",
${sum("passed_third")} AS "passedThird", ${sum("passed_last")} AS "passedLast", ${sum("failed_by_host")} AS "failedByHost",
${sum("retested")} AS retested, ${sum("no_trouble")} AS "noTrouble"`;
const ATTEMPTS = `
${sum("attempts")} AS attempts, ${sum("attempts", "outcome = 'PASS'")} AS "passedAttempts", ${sum("incidents")} AS incidents`;
/** A unit that passed several times stands by its name, each other one for itself. */
const UNITS_PASSED = `
(${sum("attempts", `outcome = 'PASS' AND unit_id = '${NOBODY}'`)} + count(DISTINCT unit_id) FILTER (WHERE outcome = 'PASS' AND unit_id <> '${NOBODY}'))::int`;

const pareto = (from: string, column: string, name: string) =>
  jsonSql(
    `SELECT coalesce(nullif(code, ''), 'internal.bug') AS code, coalesce(nullif(blame, ''), 'system') AS blame, sum(${column})::int AS ${name}
       FROM ${from} WHERE outcome = 'FAIL' GROUP BY 1, 2 HAVING sum(${column}) > 0`,
    `${name} DESC, code, blame`,
  );

/**
 * Sums by the dimension's own column and by step, of which those are taken that are meant: that costs less than to look at the step of each row. A
 * base may have several sums.
 */
function sumsBy(by: Dimension): string {
  const meant = by === "step" ? "" : "WHERE step_id IN (SELECT id FROM heads)";
  return `
  SELECT * FROM (
    SELECT ${baseSql(by, "begins_at")} AS base, step_id, ${sum("units")} AS units, ${sum("units", "outcome = 'PASS'")} AS "passedFirst",
           ${sum("passed_last")} AS "passedLast", ${sum("failed_by_host")} AS "failedByHost", ${ATTEMPTS}
      FROM grouped x WHERE virtual = (SELECT virtual FROM kind) GROUP BY 1, 2) sums ${meant}`;
}

const PHASE_BINS = `
(SELECT coalesce(json_agg(json_build_array(phase, bins) ORDER BY phase), '[]')
   FROM (SELECT phase, json_agg(json_build_array(bin, n) ORDER BY bin) AS bins
           FROM (SELECT b.phase, b.bin, sum(b.n)::int AS n
                   FROM chosen CROSS JOIN LATERAL unnest(phases, phase_bins, phase_counts) b(phase, bin, n) GROUP BY 1, 2) one
          GROUP BY phase) t)`;

/** By which sets figures are told. */
export interface ToldBy {
  readonly all: NamedSet;
  /** Undefined: not grouped. */
  readonly groups: NamedSet | undefined;
  /** Only of a set that has them. */
  readonly withPhases: boolean;
}

/**
 * SQL: all figures of a selection in one row, as `figuresSql` has them, of what is counted ahead and of the attempts that are not. Times are told as
 * how many are in each bin. With `step` not given, `heads` are the first steps of all products.
 */
export function countedFiguresSql(
  isGiven: (name: Selected) => boolean,
  by: Dimension | undefined,
  { all, groups, withPhases }: ToldBy,
  room: Room,
): string {
  const columns = COLUMNS.join(", ");
  const withTimes = [...COLUMNS, ...TIMES, ...(withPhases ? PHASES : [])];
  const heads = isGiven("step") ? "SELECT id FROM process_step WHERE name = :step" : HEADS;
  const ownGroups = by !== undefined && groups !== undefined;
  return `${NOT_PREPARED}
WITH heads AS MATERIALIZED (${heads}),
tries AS MATERIALIZED (${attemptsSql(room, withPhases, isGiven)}),
everything AS MATERIALIZED (${countsSql(all, "counted", room, withTimes, isGiven)}
  UNION ALL SELECT ${withTimes.join(", ")} FROM tries),
kind AS MATERIALIZED (SELECT coalesce(NOT bool_or(NOT virtual), false) AS virtual FROM everything),
ours AS NOT MATERIALIZED (SELECT * FROM everything WHERE virtual = (SELECT virtual FROM kind)),
chosen AS NOT MATERIALIZED (SELECT * FROM ours WHERE step_id IN (SELECT id FROM heads)),
parts AS MATERIALIZED (
  SELECT * FROM (${countsSql(all, "part", room, COLUMNS, isGiven)}
    UNION ALL SELECT ${columns} FROM tries) p WHERE virtual = (SELECT virtual FROM kind) AND step_id IN (SELECT id FROM heads)),
${ownGroups ? `grouped AS NOT MATERIALIZED (${countsSql(groups, "counted", room, COLUMNS, isGiven, hasPlaceDays(groups, isGiven, by))} UNION ALL SELECT ${columns} FROM tries),` : ""}
by_bucket AS (
  SELECT bucket, sum(n)::int AS n, sum(passed)::int AS passed, sum(units)::int AS units
    FROM (SELECT ${bucketSql("begins_at")} AS bucket, n, passed, units
            FROM (SELECT begins_at, sum(units) AS n, sum(units) FILTER (WHERE outcome = 'PASS') AS passed,
                         sum(attempts) FILTER (WHERE outcome = 'PASS' AND unit_id = '${NOBODY}') AS units FROM parts GROUP BY 1) by_time
          UNION ALL
          SELECT bucket, 0, 0, count(DISTINCT unit_id)
            FROM (SELECT ${bucketSql("begins_at")} AS bucket, unit_id FROM parts WHERE outcome = 'PASS' AND unit_id <> '${NOBODY}') again
           GROUP BY 1) one
   GROUP BY 1)
SELECT (SELECT virtual FROM kind) AS virtual,
       (SELECT ${sum("attempts")} FROM everything WHERE virtual <> (SELECT virtual FROM kind)) AS "leftOut",
       (SELECT row_to_json(t) FROM (SELECT ${COHORT} FROM chosen) t) AS cohort,
       (SELECT row_to_json(t) FROM (SELECT ${ATTEMPTS}, ${UNITS_PASSED} AS "unitsPassed" FROM chosen) t) AS attempts,
       (SELECT coalesce(json_agg(json_build_array(bin, n) ORDER BY bin), '[]')
          FROM (SELECT b.bin, sum(b.n)::int AS n FROM chosen CROSS JOIN LATERAL unnest(bins, bin_counts) b(bin, n) GROUP BY 1) t) AS bins,
       ${withPhases ? PHASE_BINS : "NULL::json"} AS "phaseBins",
       ${jsonSql(
         `SELECT p.name AS product, s.name AS step, s.position, c.* FROM (SELECT step_id, ${COHORT} FROM ours GROUP BY 1 HAVING sum(units) > 0) c
          JOIN process_step s ON s.id = c.step_id JOIN product p ON p.id = s.product_id`,
         "product, position",
       )} AS steps,
       ${ownGroups ? groupsSql(by, sumsBy(by)) : "NULL::json"} AS groups,
       ${BUCKETS} AS buckets,
       ${pareto("chosen", "units", "units")} AS pareto,
       ${pareto("chosen", "attempts", "attempts")} AS "paretoAttempts",
       ${unknownJobsSql(isGiven)} AS "unknownJobs"`;
}

/** SQL: a cohort by host. `virtual` is given. */
export const countedByHostSql = (
  isGiven: (name: Selected) => boolean,
  set: NamedSet,
  room: Room,
): string => `${NOT_PREPARED}
SELECT host, sum(n)::int AS n, sum(passed)::int AS passed, sum("failedByHost")::int AS "failedByHost"
  FROM (SELECT host_id AS host, step_id, ${sum("units")} AS n, ${sum("units", "outcome = 'PASS'")} AS passed, ${sum("failed_by_host")} AS "failedByHost"
          FROM (${countsSql(set, "counted", room, COLUMNS, isGiven, hasPlaceDays(set, isGiven, "host"))}
            UNION ALL SELECT ${COLUMNS.join(", ")} FROM (${attemptsSql(room, false, isGiven)}) t) c
         GROUP BY 1, 2) sums
 ${whereSql([!isGiven("step") && `step_id IN (${HEADS})`])} GROUP BY 1 HAVING sum(n) > 0`;
