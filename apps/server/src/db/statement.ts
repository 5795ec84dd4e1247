import { FlashlineError } from "@flashline/contract";
import type { z } from "zod";

/** SQL with named parameters, and what its rows are. Made once, when its module is loaded. */
export interface Statement<Row, Name extends string> {
  /** For PostgreSQL: parameters by number. */
  readonly text: string;
  /** Names by that number. */
  readonly names: readonly Name[];
  readonly row: z.ZodType<Row>;
}

/** The values of a statement's parameters. */
export type Values<Name extends string> = Readonly<Record<Name, unknown>>;

/** ":name", but neither a cast such as "::jsonb" nor a time such as '10:30'. */
const PARAMETER = /(?<![:\w]):([a-zA-Z]\w*)/g;

/**
 * A statement whose text says `:name` for each of `names`. Columns are named in the text as in `row`, in camel case
 * (`j.station_id AS "stationId"`), and each row is parsed by it. Throws `internal.bug` where text and names differ.
 */
export function statement<Row, const Name extends string>(
  names: readonly Name[],
  row: z.ZodType<Row>,
  text: string,
): Statement<Row, Name> {
  const used = new Set<string>();
  const numbered = text.replace(PARAMETER, (_all, name: string) => {
    used.add(name);
    const at = (names as readonly string[]).indexOf(name);
    if (at < 0) throw new FlashlineError("internal.bug", `No parameter is called ${name}: ${text}`);
    return `$${at + 1}`;
  });
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw new FlashlineError("internal.bug", `Nothing takes ${unused.join(", ")}: ${text}`);
  }
  return { text: numbered, names, row };
}

/**
 * A statement for each set of `names` whose values are given (not undefined), so that PostgreSQL plans each with the index that is
 * made for it. `textOf` makes the text when a set comes for the first time; it must name just what is given.
 */
export function statements<Row, const Name extends string>(
  names: readonly Name[],
  row: z.ZodType<Row>,
  textOf: (isGiven: (name: Name) => boolean) => string,
): (values: Values<Name>) => Statement<Row, Name> {
  const made = new Map<string, Statement<Row, Name>>();
  return (values) => {
    const given = names.filter((name) => values[name] !== undefined);
    const key = given.join();
    const known = made.get(key);
    if (known !== undefined) return known;
    const text = textOf((name) => given.includes(name));
    const added = statement(given, row, text);
    made.set(key, added);
    return added;
  };
}

/** A WHERE of those conditions that are there; "" without any. */
export function whereSql(conditions: readonly (string | false)[]): string {
  const there = conditions.filter((condition) => condition !== false);
  return there.length === 0 ? "" : `WHERE ${there.join(" AND ")}`;
}

/**
 * SQL: a condition that no index is looked up by. While tables are young an index that fits more conditions looks as good as the key, and
 * a prepared statement keeps it: it then reads everything of a station, of an order or of a state for one row.
 */
export const checkedSql = (condition: string): string => `(${condition}) IS TRUE`;

/** SQL: a time as a list in a file has it, in UTC: "2026-11-28T06:00:00.000Z". */
export const timeSql = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
