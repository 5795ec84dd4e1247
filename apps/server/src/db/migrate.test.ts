import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { RecipeView } from "@flashline/contract";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing/database.ts";
import { MIGRATIONS, migrate } from "./migrate.ts";

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = path.join(mkdtempSync(path.join(tmpdir(), "flashline-migrations-")), "migrations");
  cpSync(MIGRATIONS, folder, { recursive: true });
});
afterEach(async () => {
  await database.drop();
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
function addMigration(name: string, sql: string): void {
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, "migration.sql"), sql);
}

test("applies every file once, also when four replicas start together", async () => {
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url, folder)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate(database.url, folder)).toEqual([]);
  const rows = await query("SELECT migration_name, applied_steps_count FROM _prisma_migrations");
  expect(rows[0]).toEqual({ migration_name: "0001_init", applied_steps_count: 1 });
});

test("refuses a file that was edited after it was applied", async () => {
  await migrate(database.url, folder);
  appendFileSync(path.join(folder, "0001_init", "migration.sql"), "\n-- one more thought\n");
  await expect(migrate(database.url, folder)).rejects.toMatchObject({ code: "config.invalid" });
});

test("applies a file with a lower number that came later than others", async () => {
  const late = path.join(folder, "0014_people");
  renameSync(late, path.join(folder, "..", "late"));
  await migrate(database.url, folder);
  renameSync(path.join(folder, "..", "late"), late);
  await query(
    "INSERT INTO person (id, name, role, password_hash) VALUES (gen_random_uuid(), 'anna', 'admin', 'x')",
  );
  await query(
    "INSERT INTO session (id, token_hash, person_id, expires_at) SELECT gen_random_uuid(), 'x', id, now() FROM person",
  );
  expect(await migrate(database.url, folder)).toEqual(["0014_people"]);
  expect(await query("SELECT created_at IS NOT NULL AS dated, address FROM session")).toEqual([
    { dated: true, address: null },
  ]);
});

test("refuses a database that is newer than its files", async () => {
  addMigration("9999_future", "CREATE TABLE future (id INT)");
  await migrate(database.url, folder);
  rmSync(path.join(folder, "9999_future"), { recursive: true });
  await expect(migrate(database.url, folder)).rejects.toThrow(
    /newer than this server, .*: it has 9999_future \(Flashline \d.* restore the back-up from before/,
  );
});

test("leaves nothing of a file that fails, and applies it whole once it is mended", async () => {
  addMigration("9998_broken", "CREATE TABLE half (id INT); SELECT 1/0;");
  await expect(migrate(database.url, folder)).rejects.toThrow(
    "9998_broken failed: division by zero",
  );
  expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  writeFileSync(path.join(folder, "9998_broken", "migration.sql"), "CREATE TABLE half (id INT)");
  expect(await migrate(database.url, folder)).toEqual(["9998_broken"]);
});

test("the database itself keeps events, names and the content of releases", async () => {
  await migrate(database.url, folder);
  await query(
    "INSERT INTO ledger_open (kind, who_kind, subject_kind, subject_name) VALUES ('a', 'person', 'b', ledger_name_of('c')::text)",
  );
  await query(
    `INSERT INTO ledger (position, hash, id, at, kind, version, who_kind, subject_kind, data)
     VALUES (1, '', gen_random_uuid(), now(), 'a', 1, 'system', 'b', '{}')`,
  );
  for (const change of [
    "UPDATE ledger_open SET kind = 'x'",
    "DELETE FROM ledger_open",
    "TRUNCATE ledger_open",
    "UPDATE ledger SET kind = 'x'",
    "DELETE FROM ledger",
    "TRUNCATE ledger",
    "UPDATE ledger_name SET name = 'd'",
    "UPDATE ledger_name SET commitment = ''",
    "DELETE FROM ledger_name",
    "TRUNCATE ledger_name",
  ]) {
    await expect(query(change)).rejects.toThrow(/append-only|not sealed|only be erased/);
  }
  await query("UPDATE ledger_name SET name = NULL, salt = NULL, erased_at = now()");
  await expect(query("UPDATE ledger_name SET name = 'c', erased_at = NULL")).rejects.toThrow();
});

test("a migration whose number was kept free is applied after later ones", async () => {
  const aside = path.join(folder, "..", "0012_alarms");
  renameSync(path.join(folder, "0012_alarms"), aside);
  await migrate(database.url, folder);
  expect(await query("SELECT to_regclass('alarm') AS alarm")).toEqual([{ alarm: null }]);
  renameSync(aside, path.join(folder, "0012_alarms"));
  expect(await migrate(database.url, folder)).toEqual(["0012_alarms"]);
  expect(await query("SELECT queued_results FROM station")).toEqual([]);
});

test("the audit log of before stands in the ledger", async () => {
  const later = readdirSync(folder).filter((name) => name >= "0007_ledger");
  for (const name of later) renameSync(path.join(folder, name), path.join(folder, "..", name));
  await migrate(database.url, folder);
  for (const name of later) renameSync(path.join(folder, "..", name), path.join(folder, name));
  await query(`INSERT INTO audit_entry (id, at, actor, action, subject, after, reason) VALUES
    (gen_random_uuid(), '2026-01-03Z', 'token ci', 'release.revoke', 'release 0192', '{"state": "revoked"}', 'why'),
    (gen_random_uuid(), '2026-01-01Z', 'anna', 'person.save', 'person ben', '{"role": "admin"}', NULL),
    (gen_random_uuid(), '2026-01-02Z', 'nobody', 'login.fail', 'person anna', '{"address": "::1"}', NULL),
    (gen_random_uuid(), '2026-01-04Z', 'system (command line)', 'work-order.close', 'work order A 1', NULL, NULL)`);
  expect(await migrate(database.url, folder)).toEqual(later);
  const rows = await query(
    `SELECT concat_ws(' ', kind, data->>'action', who_kind, coalesce(who_name, w.name), door, address, subject_kind,
            coalesce(s.name, subject_id), subject_name, after::text, reason) AS line
       FROM ledger_open LEFT JOIN ledger_name w ON w.id = who_id LEFT JOIN ledger_name s ON s.id::text = subject_id ORDER BY seq`,
  );
  expect(rows).toEqual(
    [
      'audit.imported person.save person anna person ben {"role": "admin"}',
      'audit.imported login.fail nobody ::1 person anna {"address": "::1"}',
      'audit.imported release.revoke token ci release 0192 {"state": "revoked"} why',
      "audit.imported work-order.close system system (command line) command-line order A 1",
    ].map((line) => ({ line })),
  );
});

test("what was switched off and quarantined before there were holds has one, and nests know their hosts", async () => {
  const later = readdirSync(folder).filter((name) => name >= "0009_holds");
  for (const name of later) renameSync(path.join(folder, name), path.join(folder, "..", name));
  await migrate(database.url, folder);
  for (const name of later) renameSync(path.join(folder, "..", name), path.join(folder, name));
  await query(`
    WITH plant AS (INSERT INTO plant (id, name, time_zone) VALUES (gen_random_uuid(), 'P', 'UTC') RETURNING id),
    line AS (INSERT INTO line (id, name, plant_id) SELECT gen_random_uuid(), 'L', id FROM plant RETURNING id),
    station AS (INSERT INTO station (id, name, line_id) SELECT gen_random_uuid(), 'S', id FROM line RETURNING id)
    INSERT INTO nest (id, station_id, name, port_path, enabled) SELECT gen_random_uuid(), station.id, n.name, n.port, n.on
      FROM station, (VALUES ('A', '1-1', true), ('B', '1-2', false), ('C', 'was 1-3', false)) AS n(name, port, "on")`);
  await query(`INSERT INTO host (id, key, machine, pci_address, controller, driver, fingerprint, verdict, quarantined_by, statistics) VALUES
    (gen_random_uuid(), 'a', 'pc-1', '0:1', 'c', 'd', '{}', 'QUARANTINED', 'anna', '{"grounds": {"finding": "SUSPECT"}}'),
    (gen_random_uuid(), 'b', 'pc-2', '0:2', 'c', 'd', '{}', 'QUARANTINED', NULL, '{}'),
    (gen_random_uuid(), 'c', 'pc-3', '0:3', 'c', 'd', '{}', 'OK', NULL, '{}')`);
  expect(await migrate(database.url, folder)).toEqual(later);
  const holds = await query(
    `SELECT concat_ws(' ', h.kind, h.name, h.set_by, coalesce(n.name, p.verdict)) AS line FROM hold h
       LEFT JOIN nest n ON n.id = h.target_id LEFT JOIN host p ON p.id = h.target_id WHERE h.lifted_at IS NULL ORDER BY 1`,
  );
  expect(holds.map(({ line }) => line)).toEqual([
    "host pc-1 0:1 anna SUSPECT",
    "host pc-2 0:2 unknown NOT_ENOUGH_DATA",
    "nest S/B unknown B",
  ]);
  await expect(query("UPDATE host SET verdict = 'QUARANTINED'")).rejects.toThrow(
    "host_verdict_judged",
  );
});

test("releases from before there were recipes keep what their manifests say", async () => {
  const later = path.join(path.dirname(folder), "later");
  renameSync(path.join(folder, "0002_unit_data"), later);
  await migrate(database.url, folder);
  await query("INSERT INTO product (id, name, chip) VALUES (gen_random_uuid(), 'P', 'STM32F407')");
  const manifests = [
    { schema: 1, note: "a\0b \\u0000 \ud83d \ud83d\ude00" },
    { schema: 1, recipe: { remainder: "preserve", profile: "gentle", leave: false } },
  ];
  for (const [index, manifest] of manifests.entries()) {
    const bytes = Buffer.from(JSON.stringify(manifest)).toString("hex");
    await query(
      `INSERT INTO release (id, product_id, version, counter, chip, manifest, manifest_sha256, signature, key_id, created_by)
       SELECT gen_random_uuid(), id, '${index}', ${index}, chip, '\\x${bytes}', '${index}', '', '', '' FROM product`,
    );
  }
  renameSync(later, path.join(folder, "0002_unit_data"));
  expect(await migrate(database.url, folder)).toEqual(["0002_unit_data"]);
  const releases = await query("SELECT recipe FROM release ORDER BY counter");
  expect(releases.map(({ recipe }) => RecipeView.parse(recipe))).toMatchObject([
    { remainder: "discard", profile: "standard", leave: true, fields: [] },
    { remainder: "preserve", profile: "gentle", leave: false, expectOptions: {} },
  ]);
  await expect(query("UPDATE release SET recipe = '{}'")).rejects.toThrow("content is fixed");
});
