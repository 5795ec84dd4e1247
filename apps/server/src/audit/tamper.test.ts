import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sql } from "../db/sql.ts";
import { provedAs } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { BY } from "../testing/events.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";
import { FIRST_PREVIOUS, hashOf } from "./chain.ts";
import { sealerRepository } from "./sealer.repository.ts";
import { verifyRepository } from "./verify.repository.ts";
import { type Head, type Verified, verifyLedger } from "./verify.ts";

const EVENTS = 12;
const anna = provedAs(BY, { kind: "person", name: "anna" });

let server: TestServer;
let head: Head;
beforeAll(async () => {
  server = await startTestServer({ idle: true });
  const { db } = server.platform;
  for (let i = 1; i <= EVENTS; i += 1) {
    await recordEvent(db.sql, {
      kind: "release.revoked",
      by: i % 3 === 0 ? anna : BY,
      plantId: server.seed.plantId,
      subject: { id: server.seed.releaseId, name: `PSU-40 1.0.${i}` },
      before: { state: "released", "10": 1, "9": 2 },
      after: { state: "revoked" },
      reason: `reason ${i}`,
      data: {},
    });
    // Several batches.
    if (i % 5 === 0) await sealerRepository(db).seal();
  }
  await sealerRepository(db).seal();
  const found = await verifyRepository(db.sql).head();
  head = { position: found?.position ?? 0, hash: found?.hash.toString("hex") ?? "" };
});
afterAll(() => server.close());

class UndoneError extends Error {}

/** What a look at the ledger finds after the database's owner did this to it; it is undone again. */
async function after(
  attack: (sql: Sql) => Promise<unknown>,
  heads: readonly Head[] = [],
): Promise<Verified> {
  let verified: Verified | undefined;
  await server.platform.db
    .transaction(async (sql) => {
      const all = ["ledger", "ledger_open", "ledger_name"];
      for (const table of all) await sql.execute(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      await attack(sql);
      for (const table of all) await sql.execute(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
      verified = await verifyLedger(verifyRepository(sql), heads);
      throw new UndoneError();
    })
    .catch((error: unknown) => {
      if (!(error instanceof UndoneError)) throw error;
    });
  if (verified === undefined) throw new UndoneError();
  return verified;
}
const problems = async (text: string, heads?: readonly Head[]) =>
  (await after((sql) => sql.execute(text), heads)).problems;

test("an untouched ledger has no problem, and is as the exported head says", async () => {
  const verified = await verifyLedger(verifyRepository(server.platform.db.sql), [head]);
  expect(verified).toMatchObject({ events: EVENTS, head, problems: [], open: { events: 0 } });
  expect(head.position).toBe(EVENTS);
});

/** Another value than the one that stands there. */
const OTHER: Readonly<Record<string, string>> = {
  bigint: "position + 1000",
  bytea: "sha256(hash)",
  "timestamp with time zone": "COLUMN + interval '1 ms'",
  uuid: "gen_random_uuid()",
  text: "concat(COLUMN, 'x')",
  integer: "COLUMN + 1",
  jsonb: `coalesce(COLUMN, '{}') || '{"forged": 1}'`,
};

test("a row of which any column was changed is found", async () => {
  const columns = await server.platform.db.sql.query<{ name: string; type: string }>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
      WHERE table_name = 'ledger' AND table_schema = current_schema()`,
  );
  expect(columns.length).toBeGreaterThan(18);
  for (const { name, type } of columns) {
    const other = (OTHER[type] ?? "NULL").replaceAll("COLUMN", name);
    const found = await problems(`UPDATE ledger SET ${name} = ${other} WHERE position = 6`);
    expect(found, name).not.toEqual([]);
    expect(found.join(), name).toMatch(/position (6|7) /);
  }
});

test("a removed row, removed rows and rows that changed places are found", async () => {
  expect(await problems("DELETE FROM ledger WHERE position = 4")).toEqual([
    "position 4 is missing",
  ]);
  expect(await problems("DELETE FROM ledger WHERE position <= 3")).toEqual([
    "positions 1 to 3 are missing",
  ]);
  const closed =
    "DELETE FROM ledger WHERE position = 4; UPDATE ledger SET position = position - 1 WHERE position = 5";
  expect(await problems(closed)).not.toEqual([]);
  const swapped = `UPDATE ledger SET position = -1 WHERE position = 5; UPDATE ledger SET position = 5 WHERE position = 6;
     UPDATE ledger SET position = 6 WHERE position = -1`;
  const found = await problems(swapped);
  expect(found.join()).toContain("position 5 was changed");
  expect(found.join()).toContain("position 6 was changed");
});

test("an end that was cut off is found by an exported head, and so is an empty ledger", async () => {
  const cut = `DELETE FROM ledger WHERE position > ${EVENTS - 2}`;
  expect(await problems(cut)).toEqual([]);
  expect(await problems(cut, [head])).toEqual([
    `the exported head at position ${EVENTS} is missing: the ledger ends at ${EVENTS - 2}`,
  ]);
  expect(await problems("TRUNCATE ledger", [head])).toHaveLength(1);
});

/** What an owner would do who knows how the chain is made. */
async function makeAnew(sql: Sql): Promise<void> {
  await sql.execute("UPDATE ledger SET reason = 'nothing happened' WHERE position = 8");
  let previous: Buffer = FIRST_PREVIOUS;
  for (const row of await verifyRepository(sql).page(0)) {
    const { position, sealedAt } = row;
    previous = hashOf(row, { position, previous, sealedAt });
    await sql.execute("UPDATE ledger SET hash = $2 WHERE position = $1", [position, previous]);
  }
}

test("a chain that was made anew from some position on is found by an exported head", async () => {
  expect((await after(makeAnew)).problems).toEqual([]);
  expect((await after(makeAnew, [head])).problems).toEqual([
    `position ${EVENTS} is not what was exported as the head`,
  ]);
});

test("another name in place of a person's, one that went without an event, and guards that are off are found", async () => {
  expect(await problems("UPDATE ledger_name SET name = 'ben' WHERE name = 'anna'")).toEqual([
    expect.stringContaining("is not the one that was recorded"),
  ]);
  expect(await problems("UPDATE ledger_name SET name = NULL WHERE name = 'anna'")).toEqual([
    expect.stringContaining("was removed without an event"),
  ]);
  // With a salt and a commitment of its own the name fits, and the events do not.
  const recommitted =
    "UPDATE ledger_name SET name = 'ben', commitment = sha256(salt || 'ben') WHERE name = 'anna'";
  expect((await problems(recommitted)).length).toBeGreaterThan(1);
  expect((await problems("DELETE FROM ledger_name")).length).toBeGreaterThan(1);
  expect(await problems("DROP TRIGGER ledger_append_only ON ledger")).toEqual([
    "the guard ledger_append_only is missing or switched off",
  ]);
});

test("what is not sealed yet is reported", async () => {
  const verified = await after((sql) =>
    recordEvent(sql, { kind: "line.added", by: BY, subject: { name: "L4" }, data: {} }),
  );
  expect(verified).toMatchObject({ open: { events: 1, oldest: expect.any(Date) as Date } });
});
