import { once } from "node:events";
import type { Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { patientConnection, SafeClient } from "./connection.ts";
import { databaseErrorFrom } from "./errors.ts";
import type { Statement, Values } from "./statement.ts";

/** A list whose reader takes longer is cut, milliseconds: it holds a connection and old rows. */
const LONGEST_MS = 600_000;

/** The statement's text for COPY, which takes no parameters: values become literals, as `pg` quotes them. */
function withLiterals<Name extends string>(
  { text, names }: Statement<unknown, Name>,
  values: Values<Name>,
): string {
  return text.replace(/\$(\d+)/g, (_all, at: string) => {
    const name = names[Number(at) - 1];
    return name === undefined ? "NULL" : pg.escapeLiteral(String(values[name]));
  });
}

/**
 * The rows of a statement as CSV (RFC 4180, in UTF-8, with a line of names), as fast as they are read and however many there are, on a
 * connection of their own. Whoever stops reading destroys the stream. Rejects with `server.unavailable` before the first byte.
 */
export async function copyCsv<Name extends string>(
  url: string,
  statement: Statement<unknown, Name>,
  values: Values<Name>,
): Promise<Readable> {
  const client = new SafeClient({
    ...patientConnection(url, "flashline-list"),
    options: "-c jit=off",
    statement_timeout: LONGEST_MS,
  });
  try {
    await client.connect();
    const copy = `COPY (${withLiterals(statement, values)}) TO STDOUT WITH (FORMAT csv, HEADER)`;
    const rows = client.query(copyTo(copy));
    // PostgreSQL still sends what nobody reads any more.
    rows.once("close", () => client.cut());
    await once(rows, "readable");
    return rows;
  } catch (error) {
    client.cut();
    throw databaseErrorFrom(error);
  }
}
