import { once } from "node:events";
import type { Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { patientConnection, SafeClient } from "./connection.ts";
import { databaseErrorFrom } from "./errors.ts";
import { sqlOn } from "./sql.ts";
import type { Statement, Values } from "./statement.ts";

/** A list whose reader takes longer is cut, milliseconds: it holds a connection and old rows. */
const LONGEST_MS = 600_000;

/** How such connections are called in PostgreSQL. */
export const LIST_NAME = "flashline-list";

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

/** Who reads a list, and how its statement is ended. */
export interface CopyReader {
  /** Aborted when the reader has left, which may be before the first row. */
  readonly gone: AbortSignal;
  /**
   * Ends another connection of {@link LIST_NAME} by the number of its process: PostgreSQL sees a lost reader only when it sends. The
   * connection and not its statement, which PostgreSQL may not have begun to read.
   */
  terminate(processId: number): Promise<unknown>;
}

/** A connection for one statement. */
interface Apart {
  readonly client: SafeClient;
  /** Ends the statement, if it still runs, and the connection. */
  leave(): void;
  /** The statement is at its end. */
  done(): void;
}

/** Rejects with `server.unavailable`. */
async function connectApart(url: string, { gone, terminate }: CopyReader): Promise<Apart> {
  const client = new SafeClient({
    ...patientConnection(url, LIST_NAME),
    options: "-c jit=off",
    statement_timeout: LONGEST_MS,
  });
  let isOver = false;
  const done = () => {
    isOver = true;
    gone.removeEventListener("abort", leave);
    client.cut();
  };
  const leave = () => {
    if (isOver) return;
    const { processId } = client;
    done();
    if (processId !== null) terminate(processId).catch(() => undefined);
  };
  try {
    await client.connect();
    gone.throwIfAborted();
    gone.addEventListener("abort", leave);
    return { client, leave, done };
  } catch (error) {
    leave();
    throw databaseErrorFrom(error);
  }
}

/**
 * The rows of a statement as CSV (RFC 4180, in UTF-8, with a line of names), as fast as they are read and however many there are, on a
 * connection of their own. Whoever stops reading destroys the stream, or aborts `gone` before it is there. Rejects with
 * `server.unavailable` before the first byte.
 */
export async function copyCsv<Name extends string>(
  url: string,
  statement: Statement<unknown, Name>,
  values: Values<Name>,
  reader: CopyReader,
): Promise<Readable> {
  const { client, leave, done } = await connectApart(url, reader);
  try {
    const copy = `COPY (${withLiterals(statement, values)}) TO STDOUT WITH (FORMAT csv, HEADER)`;
    const rows = client.query(copyTo(copy));
    rows.once("end", done);
    rows.once("close", leave);
    await once(rows, "readable");
    return rows;
  } catch (error) {
    leave();
    throw databaseErrorFrom(error);
  }
}

/**
 * The only row of a statement that looks at whatever there is, on a connection of its own: it may take ten minutes, and ends when `gone`
 * is aborted. Rejects with `server.unavailable`.
 */
export async function rowApart<Row, Name extends string>(
  url: string,
  statement: Statement<Row, Name>,
  values: Values<Name>,
  reader: CopyReader,
): Promise<Row | undefined> {
  const { client, leave, done } = await connectApart(url, reader);
  try {
    const row = await sqlOn(client).row(statement, values);
    done();
    return row;
  } catch (error) {
    leave();
    throw databaseErrorFrom(error);
  }
}
