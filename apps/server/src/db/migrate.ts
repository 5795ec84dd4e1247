import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { FlashlineError } from "@flashline/contract";
import type pg from "pg";
import { patientConnection, SafeClient } from "./connection.ts";
import { connectionErrorFrom } from "./errors.ts";
import { appliedBy, refusalOfNewer, versionIn } from "./newer.ts";

/** `prisma/migrations` of the checkout or of the installed package; the same place from `src/db` and `dist/db`. */
export const MIGRATIONS = fileURLToPath(new URL("../../../../prisma/migrations", import.meta.url));

/** The number that Prisma's own engine locks, so that neither runs beside the other. */
const PRISMA_LOCK = 72_707_369;

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

interface Applied {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly logs: string | null;
}

/** How often a migration that runs is told of, milliseconds. */
const TELL_MS = 10_000;

/** A migration that runs, and for how long it has, milliseconds: told when it begins, and every ten seconds. */
export type MigrationProgress = (name: string, ms: number) => void;

/**
 * Brings a database to the newest migration, with Prisma's table and checksums, each file in one transaction. Safe to run
 * from several replicas at once. Returns the names that were applied now. A grown database may take minutes: `onProgress` hears of it.
 *
 * Rejects with `server.unavailable` when the database does not answer, and with `config.invalid` when it takes neither name nor
 * password, when a file was edited after it was applied, when the database is newer than these files, and when another tool
 * left a migration half-way. With the reason of `signal`, which cuts the connection: PostgreSQL rolls back what runs.
 */
export async function migrate(
  url: string,
  folder: string = MIGRATIONS,
  onProgress: MigrationProgress = () => {},
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const client = new SafeClient(patientConnection(url, "flashline-migrate"));
  await client.connect().catch((cause: unknown) => {
    throw connectionErrorFrom(cause);
  });
  const cut = () => void client.end().catch(() => undefined);
  signal?.addEventListener("abort", cut, { once: true });
  try {
    signal?.throwIfAborted();
    await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
    await client.query(TABLE);
    const known = await client.query<Applied>(
      "SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL",
    );
    const before = new Map(known.rows.map((row) => [row.migration_name, row]));
    const names = await migrationNames(folder);
    const newer = refusalOfNewer(
      known.rows.map((row) => ({
        name: row.migration_name,
        finishedAt: row.finished_at,
        by: versionIn(row.logs),
      })),
      names,
    );
    if (newer !== undefined) throw newer;
    const applied: string[] = [];
    for (const name of names) {
      const { sql, checksum } = await readMigration(folder, name);
      if (isDone(name, checksum, before.get(name))) continue;
      await toldOf(name, onProgress, () => apply(client, name, sql, checksum));
      applied.push(name);
    }
    return applied;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", cut);
    await client.end();
  }
}

/** Names of the migrations in `folder`, in their order. */
export async function migrationNames(folder: string = MIGRATIONS): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.sort();
}

/** A migration of this version, with the checksum that Prisma's table keeps. */
export async function readMigration(
  folder: string,
  name: string,
): Promise<{ readonly sql: string; readonly checksum: string }> {
  const sql = await readFile(path.join(folder, name, "migration.sql"), "utf8");
  return { sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

function isDone(name: string, checksum: string, before: Applied | undefined): boolean {
  if (before === undefined) return false;
  if (before.checksum !== checksum) {
    throw new FlashlineError(
      "config.invalid",
      `Migration ${name} was changed after it was applied.`,
    );
  }
  if (before.finished_at === null) {
    throw new FlashlineError(
      "config.invalid",
      `Migration ${name} was left half-way by another tool.`,
    );
  }
  return true;
}

async function record(
  client: pg.Client,
  name: string,
  sql: string,
  checksum: string,
): Promise<void> {
  await client.query(sql);
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, logs, applied_steps_count)
     VALUES ($1, $2, now(), $3, $4, 1)`,
    [randomUUID(), checksum, name, appliedBy],
  );
}

/**
 * Makes the schema of these migrations, which this version has, in an empty database. In the transaction of `client`, which holds
 * off other migrations to its end.
 */
export async function makeSchema(client: pg.Client, names: readonly string[]): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1)", [PRISMA_LOCK]);
  await client.query(TABLE);
  for (const name of names) {
    const { sql, checksum } = await readMigration(MIGRATIONS, name);
    await record(client, name, sql, checksum);
  }
}

async function toldOf(
  name: string,
  onProgress: MigrationProgress,
  work: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  onProgress(name, 0);
  const ticking = setInterval(() => onProgress(name, performance.now() - began), TELL_MS);
  try {
    await work();
  } finally {
    clearInterval(ticking);
  }
}

async function apply(
  client: pg.Client,
  name: string,
  sql: string,
  checksum: string,
): Promise<void> {
  await client.query("BEGIN");
  try {
    await record(client, name, sql, checksum);
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("server.internal", `Migration ${name} failed: ${reason}`, { cause });
  }
}
