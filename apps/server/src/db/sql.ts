import type { ClientBase, Pool } from "pg";
import type { ObserveSql } from "../tracing/sql.ts";
import type { Statement, Values } from "./statement.ts";

/** Runs SQL on a connection. */
export interface Sql {
  /** The rows of a statement, each parsed by its schema: the way for everything that is written anew. */
  rows<Row, Name extends string>(
    statement: Statement<Row, Name>,
    values: Values<Name>,
  ): Promise<readonly Row[]>;
  /** Its first row; undefined when there is none. */
  row<Row, Name extends string>(
    statement: Statement<Row, Name>,
    values: Values<Name>,
  ): Promise<Row | undefined>;
  /** Rows as `pg` gives them, believed: Date, Buffer, bigint as text, json parsed. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** Rows touched, for statements that return none. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}

/** `attempt` runs each statement, and may run it again; `observe` runs it too, and sees its text. */
export function sqlOn(
  connection: Pool | ClientBase,
  attempt: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
  observe?: ObserveSql,
): Sql {
  const send = (text: string, values: readonly unknown[]) =>
    attempt(() => connection.query(text, [...values]));
  const run =
    observe === undefined
      ? send
      : (text: string, values: readonly unknown[]) =>
          observe(text, values, () => send(text, values));
  const ordered = <Name extends string>(names: readonly Name[], values: Values<Name>) =>
    names.map((name) => values[name]);
  return {
    async rows(statement, values) {
      const result = await run(statement.text, ordered(statement.names, values));
      return result.rows.map((row) => statement.row.parse(row));
    },
    async row(statement, values) {
      const result = await run(statement.text, ordered(statement.names, values));
      return result.rows[0] === undefined ? undefined : statement.row.parse(result.rows[0]);
    },
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
      const result = await run(text, values);
      return result.rows as readonly Row[];
    },
    async execute(text, values = []) {
      const result = await run(text, values);
      return result.rowCount ?? 0;
    },
  };
}
