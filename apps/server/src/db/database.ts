import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "../generated/prisma/client.ts";
import { boundedConnection, SafeClient } from "./connection.ts";
import { databaseErrorFrom } from "./errors.ts";
import { type Sql, sqlOn } from "./sql.ts";

/** The one way to PostgreSQL: Prisma's models and plain SQL on the same pool. */
export interface Database {
  /** For master data. Not inside {@link Database.transaction}: it is another connection. */
  readonly prisma: PrismaClient;
  /** For hot paths and for what Prisma cannot say. */
  readonly sql: Sql;
  /** Runs `work` in one transaction (read committed) and rolls back when it rejects. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Rejects with `server.unavailable` when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process, without those of the queue. */
  readonly poolSize?: number;
  /** Connections that break while idle; the pool replaces them. */
  readonly onError?: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    ...boundedConnection(options.url, "flashline-server"),
    Client: SafeClient,
    max: options.poolSize ?? 10,
  });
  pool.on("error", (error) => options.onError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const sql = sqlOn(pool);
  return {
    prisma,
    sql,
    async transaction(work) {
      const client = await pool.connect().catch((cause: unknown) => {
        throw databaseErrorFrom(cause);
      });
      let broken = false;
      try {
        await client.query("BEGIN");
        const answer = await work(sqlOn(client));
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
    },
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
