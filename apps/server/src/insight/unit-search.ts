import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statements, whereSql } from "../db/statement.ts";
import { UnitRow, unitsSql } from "./unit-row.ts";

/** So many units that a search finds are put into the order of their work; more stay in the order of their serials. */
const SORTED = 1_000;
/** A list goes on in the order of work although more than {@link SORTED} were found meanwhile, up to so many. */
const SORTED_ON = 10 * SORTED;
/** So many serials are read in their order before the index of their parts is asked. */
const WINDOW = 10_000;
/** Letters of a part in that index; the same as in `serial_parts`. */
const PART = 6;
/** No text that begins alike sorts behind it. */
const LAST_LETTER = "\u{10ffff}";

export interface UnitSearch {
  /** A part of the serial. */
  readonly search: string;
  readonly state: string | undefined;
  readonly limit: number;
}
/** The row behind which a list goes on. */
export interface Behind {
  readonly at: string;
  readonly id: string;
}

/** A `tsquery` for `serial_parts`. All serials that contain `search` match it, and few others: the order of the parts is not asked. */
function partsOf(search: string): string {
  const letters = [...search];
  const quoted = (from: number) => {
    const part = letters.slice(from, from + PART).join("");
    return `'${part.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
  };
  if (letters.length < PART) return `${quoted(0)}:*`;
  return Array.from({ length: letters.length - PART + 1 }, (_, from) => quoted(from)).join(" & ");
}

const STATE = "s.state = :state";
const BY_SERIAL = "ORDER BY s.serial, s.unit_id";
const BEHIND = "(s.serial, s.unit_id) > (:at, :id::uuid)";
const BEGINS = "s.serial >= :search AND s.serial < :end";
/** Where a serial contains the search, and where it does not begin with it. */
const WITHIN = 0;
const ELSEWHERE = 1;
const windowSql = (conditions: readonly (string | false)[], place: number) => `
FROM (SELECT s.unit_id, s.serial FROM unit_state s ${whereSql(conditions)} ${BY_SERIAL} LIMIT ${WINDOW}) w
WHERE strpos(w.serial, :search) > ${place}`;
/** The index gives all at once, so that no order is asked for before they are there. */
const foundSql = (hasState: boolean, place: number) => `
FROM unit u ${hasState ? "JOIN unit_state s ON s.unit_id = u.id AND s.state = :state" : ""}
WHERE serial_parts(u.serial) @@ :parts::tsquery AND strpos(u.serial, :search) > ${place}`;

const MANY = z.object({ many: z.boolean() });
/** Whether more than {@link SORTED} are found where it costs little to look: those that begin with it, and those with the first serials. */
const CROWDED = statements(["search", "end", "state"], MANY, (isGiven) => {
  const state = isGiven("state") && STATE;
  const counted = (from: string) => `(SELECT count(*) FROM (SELECT ${from} LIMIT ${SORTED + 1}) x)`;
  return `
SELECT ${counted(`FROM unit_state s ${whereSql([BEGINS, state])} ${BY_SERIAL}`)} > ${SORTED}
    OR ${counted(windowSql([state], WITHIN))} > ${SORTED} AS many`;
});

const Sorted = UnitRow.extend(MANY.shape);
const SORTED_NAMES = ["search", "parts", "state", "worked", "id", "limit"] as const;
/** By work, the latest first. */
const SORTED_PAGE = statements(SORTED_NAMES, Sorted, (isGiven) => {
  const goesOn = isGiven("worked");
  const order = "ORDER BY s.worked_at DESC, s.unit_id DESC";
  const behind = whereSql([
    goesOn && "(s.worked_at, s.unit_id) < (:worked::timestamptz, :id::uuid)",
  ]);
  const page = `SELECT s.unit_id AS id FROM hits h JOIN unit_state s ON s.unit_id = h.id ${behind} ${order} LIMIT :limit`;
  return `
WITH hits AS MATERIALIZED (SELECT u.id ${foundSql(isGiven("state"), WITHIN)} LIMIT ${goesOn ? SORTED_ON : SORTED + 1})
${unitsSql(page, `, (SELECT count(*) > ${SORTED} FROM hits) AS many`)} ${order}`;
});

const BEGINNING_NAMES = ["search", "end", "state", "at", "id", "limit"] as const;
const BEGINNING = statements(BEGINNING_NAMES, UnitRow, (isGiven) => {
  const where = whereSql([BEGINS, isGiven("state") && STATE, isGiven("at") && BEHIND]);
  const page = `SELECT s.unit_id AS id FROM unit_state s ${where} ${BY_SERIAL} LIMIT :limit`;
  return `${unitsSql(page)} ${BY_SERIAL}`;
});

const ELSEWHERE_NAMES = ["search", "state", "at", "id", "limit"] as const;
const FIRST_ELSEWHERE = statements(ELSEWHERE_NAMES, UnitRow, (isGiven) => {
  const from = windowSql([isGiven("state") && STATE, isGiven("at") && BEHIND], ELSEWHERE);
  const page = `SELECT w.unit_id AS id ${from} ORDER BY w.serial, w.unit_id LIMIT :limit`;
  return `${unitsSql(page)} ${BY_SERIAL}`;
});
const ALL_ELSEWHERE = statements([...ELSEWHERE_NAMES, "parts"], UnitRow, (isGiven) => {
  const behind = isGiven("at") ? `AND (u.serial COLLATE "C", u.id) > (:at, :id::uuid)` : "";
  const page = `SELECT u.id ${foundSql(isGiven("state"), ELSEWHERE)} ${behind}
 ORDER BY u.serial COLLATE "C", u.id LIMIT :limit`;
  return `${unitsSql(page)} ${BY_SERIAL}`;
});

/** Units whose serial contains a text. */
export function unitSearch(sql: Sql) {
  const ofSearch = (search: string) => ({
    search,
    end: search + LAST_LETTER,
    parts: partsOf(search),
  });
  async function sorted({ search, ...filter }: UnitSearch, behind: Behind | undefined) {
    const values = { ...ofSearch(search), ...filter, worked: behind?.at, id: behind?.id };
    const rows = await sql.rows(SORTED_PAGE(values), values);
    return { rows, many: rows[0]?.many === true };
  }
  return {
    /** By work, the latest first; undefined where more than {@link SORTED} are found. */
    async few(filter: UnitSearch): Promise<readonly UnitRow[] | undefined> {
      const values = { ...ofSearch(filter.search), state: filter.state };
      if ((await sql.row(CROWDED(values), values))?.many === true) return undefined;
      const { rows, many } = await sorted(filter, undefined);
      return many ? undefined : rows;
    },
    /** Goes on with what {@link few} began. */
    fewAfter: async (filter: UnitSearch, behind: Behind): Promise<readonly UnitRow[]> =>
      (await sorted(filter, behind)).rows,
    /** First those that begin with it, then those that contain it elsewhere, each by serial. */
    async many(filter: UnitSearch, behind: Behind | undefined): Promise<readonly UnitRow[]> {
      const { search, limit, state } = filter;
      const inBeginning = behind === undefined || behind.at.startsWith(search);
      const values = { ...ofSearch(search), state, limit, at: behind?.at, id: behind?.id };
      const begin = inBeginning ? await sql.rows(BEGINNING(values), values) : [];
      if (begin.length === limit || search === "") return begin;
      const from = inBeginning ? { at: undefined, id: undefined } : {};
      const rest = { ...values, ...from, limit: limit - begin.length };
      const first = await sql.rows(FIRST_ELSEWHERE(rest), rest);
      if (first.length === rest.limit) return [...begin, ...first];
      return [...begin, ...(await sql.rows(ALL_ELSEWHERE(rest), rest))];
    },
  };
}
