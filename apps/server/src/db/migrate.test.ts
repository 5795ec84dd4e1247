import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
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

test("refuses a database that is newer than its files", async () => {
  addMigration("9999_future", "CREATE TABLE future (id INT)");
  await migrate(database.url, folder);
  rmSync(path.join(folder, "9999_future"), { recursive: true });
  await expect(migrate(database.url, folder)).rejects.toThrow(
    "newer than this server: it has 9999_future",
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

test("the database itself keeps audit entries and the content of releases", async () => {
  await migrate(database.url, folder);
  await query(
    "INSERT INTO audit_entry (id, actor, action, subject) VALUES (gen_random_uuid(), 'a', 'b', 'c')",
  );
  for (const change of [
    "UPDATE audit_entry SET actor = 'x'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
  ]) {
    await expect(query(change)).rejects.toThrow("append-only");
  }
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
