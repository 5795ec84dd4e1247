import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { expect, test } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import { migrate } from "./migrate.ts";

const DRAFT = fileURLToPath(new URL("../../../../scripts/draft-migration.mjs", import.meta.url));

/** Written by hand in the migrations, because the datamodel cannot say them. */
const BY_HAND = new Set([
  "job_open_unit",
  "job_open_nest",
  "attempt_first",
  "attempt_duration",
  "number_range_mac_once",
  "attempt_failed",
  "attempt_failed_at_station",
  "attempt_failed_at_host",
  "attempt_of_operator",
  "ledger_who",
  "ledger_rare_subject",
  "ledger_rare_who",
  "hold_active",
  "badge_of_person",
  "badge_known",
  "unit_serial_parts",
  "server_identity_one",
  "attempt_again",
  "release_canary_once",
  "release_counter_once",
  "release_version",
  "release_version_of_product",
  "unit_listed",
  "alarm_open",
  "offline_grant_open_station",
  "offline_grant_open_order",
  "offline_grant_open_release",
  "yield_count_of_station",
  "yield_count_of_host",
  "yield_count_of_nest",
  "yield_count_of_order",
  "agent_update_offered",
  "update_push_running",
  "station_update_open",
  "shift_plan_once",
  "golden_run_open",
  "golden_check_holds",
]);

const COLUMNS = `SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull AND a.attndims = 0 THEN ' NOT NULL' ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relname <> '_prisma_migrations'`;
const KEYS = `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'u') AND conrelid::regclass::text <> '_prisma_migrations'`;
const INDEXES = `SELECT indexname, indexdef AS line FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`;

async function shapeOf(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const shape: string[] = [];
    for (const text of [COLUMNS, KEYS, INDEXES]) {
      const { rows } = await client.query<{ line: string; indexname?: string }>(text);
      const kept = rows.filter(
        ({ indexname }) => indexname === undefined || !BY_HAND.has(indexname),
      );
      shape.push(...kept.map(({ line }) => line));
    }
    return shape.toSorted();
  } finally {
    await client.end();
  }
}

// Prisma is started as a process of its own.
test("migrations and datamodel make the same database", { timeout: 120_000 }, async () => {
  const migrated = await createTestDatabase({ empty: true });
  const drafted = await createTestDatabase({ empty: true });
  await migrate(migrated.url);
  const { stdout } = await promisify(execFile)(process.execPath, [DRAFT, drafted.url]);
  const client = new pg.Client({ connectionString: drafted.url });
  await client.connect();
  await client.query(stdout);
  await client.end();
  const expected = await shapeOf(drafted.url);
  expect(expected.length).toBeGreaterThan(150);
  expect(await shapeOf(migrated.url)).toEqual(expected);
  await migrated.drop();
  await drafted.drop();
});
