import { UnitSort } from "@flashline/contract";
import { NOT_PREPARED } from "../db/prepared.ts";
import { columnOf, forEachSort, isDown, way } from "../db/sorted.ts";
import { statements, whereSql } from "../db/statement.ts";
import {
  type FoundSelection,
  SELECTED,
  type Selected,
  selectedSql,
} from "../selection/conditions.ts";
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

/** The next units by serial, each with its id and serial. Nobody has worked on units that are only registered: they have no attempt. */
const nextSql = (conditions: readonly (string | false)[], order: string): string =>
  `SELECT s.unit_id, s.serial FROM unit_state s ${whereSql(conditions)} ${order} LIMIT ${LOOKED_AT}`;

/**
 * The next units by serial that had an attempt in the stretch of time. Each day is in this order by its index; PostgreSQL merges them, and reads no more of
 * any day than is taken of it; without their own LIMIT it would read all of them and sort.
 */
function nextOfDaysSql(
  days: number,
  isGiven: IsGiven,
  behind: string | false,
  order: string,
): string {
  const ofDay = (n: number) =>
    whereSql([
      `s.day = :fromDay::date + ${n}`,
      isGiven("from") && "s.accepted_at >= :from::timestamptz",
      isGiven("to") && "s.accepted_at < :to::timestamptz",
      behind,
    ]);
  const each = Array.from(
    { length: days },
    (_, n) =>
      `(SELECT s.serial, s.unit_id FROM attempt_day s ${ofDay(n)} ${order} LIMIT ${LOOKED_AT})`,
  );
  return `SELECT DISTINCT s.serial, s.unit_id FROM (${each.join(" UNION ALL ")}) s ${order} LIMIT ${LOOKED_AT}`;
}

/** Days of a stretch are in one statement up to so many: a plan for more takes longer than it saves. */
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;

/** The first day (UTC) of a stretch that has a beginning, and how many it has until its end or tomorrow. Undefined: no days, or too many. */
function daysOf({ from, to }: FoundSelection, now: number) {
  if (typeof from !== "string") return undefined;
  const end = Math.min(now + DAY_MS, typeof to === "string" ? Date.parse(to) : now + DAY_MS);
  const first = Math.floor(Date.parse(from) / DAY_MS);
  const count = Math.floor(end / DAY_MS) - first + 1;
  if (count < 1 || count > MOST_DAYS) return undefined;
  return { count, fromDay: new Date(first * DAY_MS).toISOString().slice(0, 10) };
}

const nearPages = (sort: UnitSort, days: number | undefined) =>
  statements(
    [...SELECTED, "search", "state", "at", "id", "limit", "fromDay"],
    UnitRow,
    (isGiven) => {
      const { order, behind } = wayOf(sort);
      const ofAttempts = selectedSql(isGiven, "a", OF_UNIT);
      const isBehind = isGiven("at") && behind;
      const isWorked = ofAttempts.length > 0 && "s.worked_at > '-infinity'";
      const next =
        days === undefined
          ? nextSql([isWorked, isBehind], order)
          : nextOfDaysSql(days, isGiven, isBehind, order);
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
      const page = `SELECT s.unit_id AS id FROM (${next}) s ${where} LIMIT :limit`;
      // There is one for each number of days: they must not take the names of those that run for each unit.
      return `${days === undefined ? "" : NOT_PREPARED}${unitsSql(page)} ${order}`;
    },
  );
type NearPages = ReturnType<typeof nearPages>;
const NEAR_PAGES = forEachSort(UnitSort.options, () => new Map<number | undefined, NearPages>());

/** The same as {@link SELECTED_PAGES} by serial, among the next units by serial alone: all there is to find where they hold a whole page. */
export function nearPage(
  sort: UnitSort,
  selection: FoundSelection,
  values: Omit<Parameters<NearPages>[0], "fromDay">,
  now = Date.now(),
) {
  const days = daysOf(selection, now);
  const pages = NEAR_PAGES[sort].get(days?.count) ?? nearPages(sort, days?.count);
  NEAR_PAGES[sort].set(days?.count, pages);
  const all = { ...values, fromDay: days?.fromDay };
  return { statement: pages(all), values: all };
}
