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

export function sqlOn(connection: Pool | PoolClient): Sql {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
      const result = await connection.query(text, [...values]);
      return result.rows as readonly Row[];
    },
    async execute(text, values = []) {
      const result = await connection.query(text, [...values]);
      return result.rowCount ?? 0;
    },
  };
}
