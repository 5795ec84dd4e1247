import type { Pool, PoolClient } from "pg";

/** Runs SQL on a connection. Rows are as `pg` gives them: Date, Buffer, bigint as text, json parsed. */
export interface Sql {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** Rows touched, for statements that return none. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
}

/** `attempt` runs each statement, and may run it again. */
export function sqlOn(
  connection: Pool | PoolClient,
  attempt: <T>(work: () => Promise<T>) => Promise<T> = (work) => work(),
): Sql {
  const run = (text: string, values: readonly unknown[]) =>
    attempt(() => connection.query(text, [...values]));
  return {
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
