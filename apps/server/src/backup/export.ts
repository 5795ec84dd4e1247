import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { FlashlineError } from "@flashline/contract";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { meter, newFile } from "./files.ts";
import type { FileRecord, Manifest, TableRecord } from "./manifest.ts";

/** Rows are read as they were at one moment, while the server goes on. Whatever the database's settings say. */
const SNAPSHOT = `
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = '60s';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'postgres';
SET LOCAL timezone = 'UTC';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL synchronize_seqscans = off`;

/** Tables that hold something after a crash of PostgreSQL, without the one that migrations keep. */
export const TABLES = `
SELECT c.relname::text AS name,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       ARRAY(SELECT DISTINCT f.relname::text FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS needs
  FROM pg_class c
 WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind = 'r' AND c.relpersistence = 'p'
   AND c.relname <> '_prisma_migrations'
 ORDER BY c.relname`;

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Tables that its rows refer to. */
  readonly needs: readonly string[];
}

/** Each table behind those that it refers to. */
function inOrder(tables: readonly Table[]): readonly Table[] {
  const names = new Set(tables.map(({ name }) => name));
  const done = new Set<string>();
  const ordered: Table[] = [];
  while (ordered.length < tables.length) {
    const ready = tables.filter(
      ({ name, needs }) =>
        !done.has(name) && needs.every((need) => done.has(need) || !names.has(need)),
    );
    if (ready.length === 0) {
      throw new FlashlineError("internal.bug", "Tables refer to each other in a circle.");
    }
    for (const table of ready) done.add(table.name);
    ordered.push(...ready);
  }
  return ordered;
}

/** Column list of a COPY. */
export const columnList = (columns: readonly string[]): string =>
  columns.map((name) => pg.escapeIdentifier(name)).join(", ");

async function exportTable(
  client: pg.Client,
  { name, columns }: Table,
  folder: string,
): Promise<{ readonly table: TableRecord; readonly file: FileRecord }> {
  const rows = meter();
  const stored = meter();
  const file = `database/${name}.copy.gz`;
  const copy = `COPY ${pg.escapeIdentifier(name)} (${columnList(columns)}) TO STDOUT`;
  await pipeline(
    client.query(copyTo(copy)),
    (chunks: AsyncIterable<Buffer>) => rows.pass(chunks),
    createGzip({ level: 1 }),
    (chunks: AsyncIterable<Buffer>) => stored.pass(chunks),
    newFile(path.join(folder, file)),
  );
  return {
    table: { name, columns: [...columns], rows: rows.lines, sha256: rows.sha256(), path: file },
    file: { path: file, bytes: stored.bytes, sha256: stored.sha256() },
  };
}

export interface Exported
  extends Pick<Manifest, "createdAt" | "migrations" | "tables" | "sequences"> {
  readonly postgresVersion: string;
  readonly files: readonly FileRecord[];
  /** Digests of the images that the database knows. */
  readonly images: readonly string[];
}

async function first<Row>(client: pg.Client, sql: string): Promise<Row> {
  const { rows } = await client.query(sql);
  return rows[0] as Row;
}

/**
 * Writes every table into `folder/database` by PostgreSQL's own COPY, all as of one moment. Other connections are not held up;
 * only a migration waits. The format is the same for every version of PostgreSQL.
 */
export async function exportDatabase(client: pg.Client, folder: string): Promise<Exported> {
  await client.query(SNAPSHOT);
  const about = await first<{ version: string; at: Date; migrated: boolean }>(
    client,
    `SELECT current_setting('server_version') AS version, now() AS at,
            to_regclass('_prisma_migrations') IS NOT NULL AS migrated`,
  );
  if (!about.migrated) {
    throw new FlashlineError("backup.target", "The database holds no Flashline server's data.");
  }
  const migrations = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const found = await client.query<Table>(TABLES);
  const tables: TableRecord[] = [];
  const files: FileRecord[] = [];
  for (const table of inOrder(found.rows)) {
    const written = await exportTable(client, table, folder);
    tables.push(written.table);
    files.push(written.file);
  }
  const images = await client.query<{ sha256: string }>("SELECT sha256 FROM image ORDER BY sha256");
  // Sequences know no snapshot: they are read last, so that no number of a row is given again.
  const sequences = await client.query<{ name: string; value: string }>(
    `SELECT sequencename::text AS name, last_value::text AS value FROM pg_sequences
      WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`,
  );
  await client.query("COMMIT");
  return {
    postgresVersion: about.version,
    createdAt: about.at.toISOString(),
    migrations: migrations.rows,
    tables,
    sequences: sequences.rows,
    files,
    images: images.rows.map(({ sha256 }) => sha256),
  };
}
