import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FlashlineError } from "@flashline/contract";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { patientConnection, SafeClient } from "../db/connection.ts";
import { connectionErrorFrom } from "../db/errors.ts";
import { makeSchema } from "../db/migrate.ts";
import { sqlOn } from "../db/sql.ts";
import { newId } from "../ids.ts";
import { commandLine } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { columnList, TABLES } from "./export.ts";
import type { Manifest, TableRecord } from "./manifest.ts";

/** Anything that a server, or somebody else, keeps in the database already. */
const OCCUPIED = `
SELECT c.relname::text AS name FROM pg_class c
 WHERE c.relnamespace = to_regnamespace(current_schema()) AND c.relkind IN ('r', 'p', 'v', 'm', 'S') LIMIT 1`;

const COUNT_OF = (name: string) => `SELECT count(*)::int AS rows FROM ${pg.escapeIdentifier(name)}`;

/** Only those of the migrations: references are checked as ever. */
const triggersOf = (table: string, what: "DISABLE" | "ENABLE"): string =>
  `ALTER TABLE ${pg.escapeIdentifier(table)} ${what} TRIGGER USER`;

async function loadTable(client: pg.Client, folder: string, table: TableRecord): Promise<void> {
  const { name, columns, rows } = table;
  // A migration may have put a row there, such as the server's identity.
  await client.query(`DELETE FROM ${pg.escapeIdentifier(name)}`);
  await pipeline(
    createReadStream(path.join(folder, table.path)),
    createGunzip(),
    client.query(copyFrom(`COPY ${pg.escapeIdentifier(name)} (${columnList(columns)}) FROM STDIN`)),
  );
  const counted = await client.query<{ rows: number }>(COUNT_OF(name));
  if (counted.rows[0]?.rows === rows) return;
  throw new FlashlineError(
    "backup.unusable",
    `Table ${name} has ${counted.rows[0]?.rows} rows and should have ${rows}. Nothing was restored.`,
  );
}

/** A back-up from before the ledger has the audit log instead, which a migration takes into the ledger. */
async function noteRestored(
  client: pg.Client,
  tables: ReadonlySet<string>,
  { createdAt, hostname: from, version }: Manifest,
  skipNumbers: number,
): Promise<void> {
  if (tables.has("ledger_open")) {
    await recordEvent(sqlOn(client), {
      kind: "server.restored",
      by: commandLine("restore"),
      subject: { name: from },
      data: { createdAt, from, version, skipNumbers },
    });
    return;
  }
  await client.query(
    `INSERT INTO audit_entry (id, actor, action, subject, after)
     VALUES ($1, 'system (command line)', 'server.restore', $2, $3)`,
    [newId(), `back-up of ${createdAt}`, JSON.stringify({ from, version, skipNumbers })],
  );
}

export interface LoadOptions {
  /** Where the back-up lies. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Numbers of each range that are left out: units may have got them after the back-up. */
  readonly skipNumbers: number;
  /** Runs when the database is as it should be and nobody else sees it yet; a rejection leaves the database empty. */
  readonly beforeCommit?: () => Promise<void>;
}

/** Answers the tables of the back-up that no migration makes: somebody else keeps them in the same database. */
async function load(client: pg.Client, options: LoadOptions): Promise<readonly string[]> {
  const { folder, manifest, skipNumbers } = options;
  const occupied = await client.query<{ name: string }>(OCCUPIED);
  const [found] = occupied.rows;
  if (found !== undefined) {
    throw new FlashlineError(
      "backup.target",
      `The database is not empty: it has ${found.name}. Restore into an empty one.`,
    );
  }
  await makeSchema(
    client,
    manifest.migrations.map(({ name }) => name),
  );
  const made = await client.query<{ name: string }>(TABLES);
  const known = new Set(made.rows.map(({ name }) => name));
  const ours = manifest.tables.filter(({ name }) => known.has(name));
  // What triggers make of new rows is in the back-up already: a counter would count each row twice.
  for (const { name } of ours) await client.query(triggersOf(name, "DISABLE"));
  for (const table of ours) await loadTable(client, folder, table);
  for (const { name } of ours) await client.query(triggersOf(name, "ENABLE"));
  for (const { name, value } of manifest.sequences) {
    // Of a table that was left out.
    const found = await client.query("SELECT 1 WHERE to_regclass($1) IS NOT NULL", [name]);
    if (found.rowCount === 0) continue;
    await client.query("SELECT setval($1::regclass, $2::bigint)", [
      pg.escapeIdentifier(name),
      value,
    ]);
  }
  if (skipNumbers > 0) {
    await client.query('UPDATE number_range SET "next" = LEAST("next" + $1, "last" + 1)', [
      skipNumbers,
    ]);
    // A grant that was given after the back-up may have had those that were given back before it.
    if (known.has("grant_number"))
      await client.query("DELETE FROM grant_number WHERE grant_id IS NULL");
  }
  await noteRestored(client, known, manifest, skipNumbers);
  await options.beforeCommit?.();
  return manifest.tables.filter((table) => !ours.includes(table)).map(({ name }) => name);
}

/**
 * Fills an empty database from a checked back-up, in one transaction: a process that is killed leaves it empty. Rejects with
 * `backup.target` when it is not empty and `backup.unusable` when a table does not become what it was. Answers the tables that were
 * left out, because no migration of Flashline makes them.
 */
export async function loadDatabase(url: string, options: LoadOptions): Promise<readonly string[]> {
  const client = new SafeClient(patientConnection(url, "flashline-restore"));
  await client.connect().catch((cause: unknown) => {
    throw connectionErrorFrom(cause);
  });
  try {
    await client.query("BEGIN");
    const leftOut = await load(client, options);
    await client.query("COMMIT");
    await client.query("ANALYZE");
    return leftOut;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
