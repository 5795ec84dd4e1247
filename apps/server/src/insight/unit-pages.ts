import { UnitSort } from "@flashline/contract";
import { columnOf, forEachSort, isDown, way } from "../db/sorted.ts";
import { statements, whereSql } from "../db/statement.ts";
import { SELECTED, type Selected, selectedSql } from "../selection/conditions.ts";
import { UnitRow, unitsSql } from "./unit-row.ts";

type UnitColumn = "worked" | "serial";
const KEYS: Readonly<Record<UnitColumn, string>> = { worked: "s.worked_at", serial: "s.serial" };
const PLACES: Readonly<Record<UnitColumn, string>> = {
  worked: ":at::timestamptz, :id::uuid",
  serial: ":at::text, :id::uuid",
};
/** Whether a list is in the order of serials. */
export const isBySerial = (sort: UnitSort): boolean => columnOf<UnitColumn>(sort) === "serial";
const wayOf = (sort: UnitSort) => {
  const column = columnOf<UnitColumn>(sort);
  const { order, behind } = way(KEYS[column], "s.unit_id", isDown(sort));
  return { order, behind: behind(PLACES[column]) };
};
/** Pages of all units. */
export const PAGES = forEachSort(UnitSort.options, (sort) =>
  statements(["state", "at", "id", "limit"], UnitRow, (isGiven) => {
    const { order, behind } = wayOf(sort);
    const where = whereSql([isGiven("state") && "s.state = :state", isGiven("at") && behind]);
    const page = `SELECT s.unit_id AS id FROM unit_state s ${where} ${order} LIMIT :limit`;
    return `${unitsSql(page)} ${order}`;
  }),
);

/** What is known of a unit without a look at its attempts. */
const OF_UNIT = ["product", "batch"] as const satisfies readonly Selected[];
type IsGiven = (name: Selected) => boolean;
const ofUnitSql = (isGiven: IsGiven): readonly (string | false)[] => [
  isGiven("product") && "u.product_id = :product::uuid",
  isGiven("batch") && "u.batch = :batch",
];
/** The units of the attempts that are chosen; undefined where all attempts are. */
function unitsOfAttemptsSql(isGiven: IsGiven): string | undefined {
  const ofAttempts = selectedSql(isGiven, "a", OF_UNIT);
  return ofAttempts.length === 0
    ? undefined
    : `SELECT a.unit_id FROM attempt a ${whereSql(ofAttempts)}`;
}
/** SQL: conditions of a selection on a unit `u` with its state `s`. */
export const ofSelectionSql = (isGiven: IsGiven): readonly (string | false)[] => {
  const units = unitsOfAttemptsSql(isGiven);
  return [...ofUnitSql(isGiven), units !== undefined && `u.id IN (${units})`];
};
/** SQL: whether the serial of the state `s` has the text that is searched for. */
export const WITHIN = "strpos(s.serial, :search) > 0";
/** Pages of a selection's units, whatever it costs. */
export const SELECTED_PAGES = forEachSort(UnitSort.options, (sort) =>
  statements([...SELECTED, "search", "state", "at", "id", "limit"], UnitRow, (isGiven) => {
    const { order, behind } = wayOf(sort);
    const units = sort === "-worked" ? undefined : unitsOfAttemptsSql(isGiven);
    const where = whereSql([
      ...(units === undefined ? ofSelectionSql(isGiven) : ofUnitSql(isGiven)),
      isGiven("state") && "s.state = :state",
      isGiven("search") && WITHIN,
      isGiven("at") && behind,
    ]);
    // Serials and time go together: today's units are the last ones by serial, and whoever reads them in order reads all others first.
    const from =
      units === undefined
        ? "FROM unit_state s"
        : "FROM hits JOIN unit_state s ON s.unit_id = hits.id";
    const page = `${units === undefined ? "" : `WITH hits AS MATERIALIZED (SELECT DISTINCT x.unit_id AS id FROM (${units}) x)`}
SELECT s.unit_id AS id ${from} JOIN unit u ON u.id = s.unit_id ${where} ${order} LIMIT :limit`;
    return `${unitsSql(page)} ${order}`;
  }),
);

/** So many units are looked at one by one before all attempts of a selection are taken, which needs a second for thirty days at a million attempts. */
const LOOKED_AT = 5_000;
/** The same where they are gathered from the days of a stretch, and so many rows are read for that. */
const LOOKED_AT_OF_DAYS = 2_000;
const READ_OF_DAYS = 50_000;

/** The next units by serial, each with its id and serial. Nobody has worked on units that are only registered: they have no attempt. */
const nextSql = (conditions: readonly (string | false)[], order: string): string =>
  `SELECT s.unit_id, s.serial FROM unit_state s ${whereSql(conditions)} ${order} LIMIT ${LOOKED_AT}`;

/** The next units by serial that had an attempt in the stretch of time: of each of its days the next ones, and of these the next ones. */
function nextOfDaysSql(isGiven: IsGiven, conditions: readonly (string | false)[], order: string) {
  const dayOf = (time: "from" | "to") => `(:${time}::timestamptz AT TIME ZONE 'UTC')::date`;
  const first = "(SELECT min(day) FROM attempt_day)";
  const last = "(SELECT max(day) FROM attempt_day)";
  const where = whereSql([
    "s.day = r.first + n",
    isGiven("from") && "s.accepted_at >= :from::timestamptz",
    isGiven("to") && "s.accepted_at < :to::timestamptz",
    ...conditions,
  ]);
  return `
WITH reach AS MATERIALIZED (
  SELECT ${isGiven("from") ? `greatest(${dayOf("from")}, ${first})` : first} AS first,
         ${isGiven("to") ? `least(${dayOf("to")}, ${last})` : last} AS last),
most AS MATERIALIZED (
  SELECT greatest(:limit::int, least(${LOOKED_AT_OF_DAYS}, ${READ_OF_DAYS} / greatest(1, last - first))) AS units FROM reach)
SELECT DISTINCT s.unit_id, s.serial FROM (
  SELECT s.unit_id, s.serial FROM reach r CROSS JOIN generate_series(0, r.last - r.first) n CROSS JOIN LATERAL (
    SELECT s.unit_id, s.serial FROM attempt_day s ${where} ${order} LIMIT (SELECT units FROM most)) s
   ${order} LIMIT (SELECT units FROM most)) s LIMIT ${LOOKED_AT_OF_DAYS}`;
}

/** The same as {@link SELECTED_PAGES} by serial, among the next units by serial alone: all there is to find where they hold a whole page. */
export const NEAR_PAGES = forEachSort(UnitSort.options, (sort) =>
  statements([...SELECTED, "search", "state", "at", "id", "limit"], UnitRow, (isGiven) => {
    const { order, behind } = wayOf(sort);
    const ofAttempts = selectedSql(isGiven, "a", OF_UNIT);
    const conditions = [isGiven("at") && behind];
    const isWorked = ofAttempts.length > 0 && "s.worked_at > '-infinity'";
    const next =
      isGiven("from") || isGiven("to")
        ? nextOfDaysSql(isGiven, conditions, order)
        : nextSql([isWorked, ...conditions], order);
    // One after the other in their order, until a page is full: as a join all of them would be looked for, perhaps in whole tables.
    const has = (table: string, all: readonly string[]) =>
      `(SELECT true FROM ${table} ${whereSql(all)} LIMIT 1)`;
    const ofUnit = ofUnitSql(isGiven).filter((condition) => condition !== false);
    const where = whereSql([
      isGiven("search") && WITHIN,
      isGiven("state") && has("unit_state k", ["k.unit_id = s.unit_id", "k.state = :state"]),
      ofUnit.length > 0 && has("unit u", ["u.id = s.unit_id", ...ofUnit]),
      ofAttempts.length > 0 && has("attempt a", ["a.unit_id = s.unit_id", ...ofAttempts]),
    ]);
    const page = `WITH next AS MATERIALIZED (${next})
SELECT s.unit_id AS id FROM (SELECT * FROM next s ${order} OFFSET 0) s ${where} LIMIT :limit`;
    return `${unitsSql(page)} ${order}`;
  }),
);
