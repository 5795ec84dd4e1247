import type { Readable } from "node:stream";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "../generated/prisma/client.ts";
import { sqlSpans } from "../tracing/sql.ts";
import { type Tracing, traced } from "../tracing/tracing.ts";
import { boundedConnection, SafeClient } from "./connection.ts";
import { type CopyReader, copyCsv, LIST_NAME, rowApart } from "./copy.ts";
import { databaseErrorFrom } from "./errors.ts";
import { againWhenStale } from "./prepared.ts";
import { type Sql, sqlOn } from "./sql.ts";
import type { Statement, Values } from "./statement.ts";

/** The one way to PostgreSQL: Prisma's models and plain SQL on the same pool. */
export interface Database {
  /** For master data. Not inside {@link Database.transaction}: it is another connection. */
  readonly prisma: PrismaClient;
  /** For hot paths and for what Prisma cannot say. */
  readonly sql: Sql;
  /** Runs `work` in one transaction (read committed) and rolls back when it rejects. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The rows of a statement as CSV, however many there are, until `gone` is aborted; see {@link copyCsv}. */
  csv<Name extends string>(
    statement: Statement<unknown, Name>,
    values: Values<Name>,
    gone: AbortSignal,
  ): Promise<Readable>;
  /** The only row of a statement that may take long, until `gone` is aborted; see {@link rowApart}. */
  rowApart<Row, Name extends string>(
    statement: Statement<Row, Name>,
    values: Values<Name>,
    gone: AbortSignal,
  ): Promise<Row | undefined>;
  /** Rejects with `server.unavailable` when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process, without those of the queue. */
  readonly poolSize?: number;
  /** False behind a pooler that gives each transaction another connection. Default: true. */
  readonly prepare?: boolean;
  /** Each statement and transaction is a span. */
  readonly tracing?: Tracing | undefined;
  /** Connections that break while idle; the pool replaces them. */
  readonly onError?: (error: Error) => void;
}

/** Only while the process is still that connection's. */
const TERMINATE =
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2";

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...boundedConnection(options.url, "flashline-server", options.prepare),
    Client: SafeClient,
    // What is sent before an answer came is on its way at once: a BEGIN costs no round trip of its own.
    pipeline: true,
    max: options.poolSize ?? 10,
  });
  pool.on("error", (error) => options.onError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const observe = sqlSpans(options.tracing);
  const sql = sqlOn(pool, againWhenStale, observe);
  const readerOf = (gone: AbortSignal): CopyReader => ({
    gone,
    terminate: (processId) => sql.execute(TERMINATE, [processId, LIST_NAME]),
  });
  async function once<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((cause: unknown) => {
      throw databaseErrorFrom(cause);
    });
    let broken = false;
    try {
      const begun = client.query("BEGIN");
      // Whoever waits for the first statement hears of it; this only keeps it from being unheard.
      begun.catch(() => undefined);
      const answer = await work(sqlOn(client, undefined, observe));
      await begun;
      await client.query("COMMIT");
      return answer;
    } catch (error) {
      // PostgreSQL rolls back what a lost connection had begun.
      broken = databaseErrorFrom(error).code === "server.unavailable";
      if (!broken) {
        await client.query("ROLLBACK").catch(() => {
          broken = true;
        });
      }
      throw error;
    } finally {
      client.release(broken);
    }
  }
  return {
    prisma,
    sql,
    // Nothing was done where a plan was stale, so that it can be done again.
    transaction: (work) =>
      traced(options.tracing, "transaction", "internal", () => againWhenStale(() => once(work))),
    csv: (statement, values, gone) => copyCsv(options.url, statement, values, readerOf(gone)),
    rowApart: (statement, values, gone) => rowApart(options.url, statement, values, readerOf(gone)),
    async ping() {
      await sql.query("SELECT 1").catch((cause: unknown) => {
        throw databaseErrorFrom(cause);
      });
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
