import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  checkBackup,
  loadDatabase,
  MIGRATIONS,
  migrationNames,
  readMigration,
  startEmbedded,
  withClient,
} from "@flashline/server/testing";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { RECORDED, unpack } from "./recorded.ts";

/**
 * How long each migration takes on a filled database, and which tables that were there before it locks to its end:
 *
 *     npm run bench:upgrade -- [ATTEMPTS]
 *
 * The oldest recorded state is filled with copies of its first unit that passed, a job and an attempt each (100,000).
 */
const attempts = Number(process.argv[2] ?? 100_000);

/** Copies of one row, with these columns of their own. */
const copies = (table: string, own: Readonly<Record<string, string>>): string => {
  const values = Object.entries(own).map(([column, value]) => `'${column}', ${value}`);
  return `INSERT INTO ${table} SELECT (jsonb_populate_record(r, jsonb_build_object(${values.join(", ")}))).*
    FROM copy, ${table} r WHERE r.id = (SELECT ${table}_id FROM pattern)`;
};

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

async function fill(client: Client): Promise<void> {
  await client.query("CREATE TEMP TABLE copy (n INT, unit_id UUID, job_id UUID, attempt_id UUID)");
  await client.query(
    "INSERT INTO copy SELECT n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid() FROM generate_series(1, $1::int) n",
    [attempts],
  );
  await client.query(`CREATE TEMP TABLE pattern AS SELECT j.unit_id, j.id AS job_id, a.id AS attempt_id
    FROM attempt a JOIN job j ON j.id = a.job_id WHERE a.outcome = 'PASS' ORDER BY a.id LIMIT 1`);
  await client.query(copies("unit", { id: "copy.unit_id", serial: "'MC2-C' || copy.n" }));
  await client.query(copies("job", { id: "copy.job_id", unit_id: "copy.unit_id" }));
  await client.query(
    copies("attempt", { id: "copy.attempt_id", job_id: "copy.job_id", unit_id: "copy.unit_id" }),
  );
  await client.query("ANALYZE");
}

const LOCKS = `
SELECT c.relname::text AS name, bool_or(l.mode = 'AccessExclusiveLock') AS reads
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND c.oid = ANY($1) AND l.granted
   AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
 GROUP BY 1 ORDER BY 1`;

const named = (names: readonly string[]): string =>
  names.length === 0 ? "" : names.map((name) => `\`${name}\``).join(", ");

async function measure(client: Client, name: string): Promise<string> {
  const tables = await client.query<{ oid: number }>(
    "SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
  );
  const { sql } = await readMigration(MIGRATIONS, name);
  await client.query("BEGIN");
  const began = performance.now();
  await client.query(sql);
  const seconds = (performance.now() - began) / 1_000;
  const locks = await client.query<{ name: string; reads: boolean }>(LOCKS, [
    tables.rows.map(({ oid }) => oid),
  ]);
  await client.query("COMMIT");
  const all = locks.rows.filter(({ reads }) => reads).map((lock) => lock.name);
  const writes = locks.rows.filter(({ reads }) => !reads).map((lock) => lock.name);
  return `| \`${name}\` | ${seconds.toFixed(1)} s | ${named(all)} | ${named(writes)} |`;
}

const folder = temporaryDataFolder("locks");
const recorded = unpack(RECORDED[0] ?? "");
const cluster = await startEmbedded({ data: join(folder, "cluster") });
try {
  const from = join(recorded.folder, "after");
  const manifest = await checkBackup(from);
  await loadDatabase(cluster.url, { folder: from, manifest, skipNumbers: 0 });
  await withClient(cluster.url, async (client) => {
    await fill(client);
    const done = new Set(manifest.migrations.map(({ name }) => name));
    process.stdout.write(
      `${attempts} attempts\n\n| migration | takes | nobody reads or writes | nobody writes |\n| --- | --- | --- | --- |\n`,
    );
    for (const name of await migrationNames()) {
      if (!done.has(name)) process.stdout.write(`${await measure(client, name)}\n`);
    }
  });
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(recorded.folder, { recursive: true, force: true });
}
