import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import { openDatabase } from "./database.ts";
import { databaseErrorFrom } from "./errors.ts";

const told = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => {
      const { code, status, message } = databaseErrorFrom(error);
      return `${status} ${code}: ${message}`;
    },
  );

test("a full disk says which, and that stations keep their results", async () => {
  // The kernel's own answer of a file system without room.
  expect(await told(writeFile("/dev/full", "x"))).toMatch(
    /^507 server\.disk_full: The server's disk is full/,
  );
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url });
  // PostgreSQL's answer: its own disk cannot be filled here.
  const full = `DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`;
  expect(await told(db.sql.execute(full))).toMatch(
    /^507 server\.disk_full: The database's disk is full/,
  );
  await db.close();
  await database.drop();
});

test("a question that takes too long is told from a database that is away", async () => {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url });
  const slow = db.transaction(async (sql) => {
    await sql.execute("SET LOCAL statement_timeout = 50");
    await sql.execute("SELECT pg_sleep(20)");
  });
  expect(await told(slow)).toMatch(/^503 server\.unavailable: .*choose a shorter time/);
  await db.close();
  await database.drop();
});

test("of two transactions that wait for each other one is told to ask again, and the other goes on", async () => {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url });
  await db.sql.execute("CREATE TABLE two (id int PRIMARY KEY)");
  await db.sql.execute("INSERT INTO two VALUES (1), (2)");
  const lock = "SELECT id FROM two WHERE id = $1 FOR UPDATE";
  let locked = 0;
  let bothLocked = () => {};
  const meet = new Promise<void>((resolve) => {
    bothLocked = resolve;
  });
  const inOrder = (first: number, second: number) =>
    db.transaction(async (sql) => {
      await sql.query(lock, [first]);
      locked += 1;
      if (locked === 2) bothLocked();
      await meet;
      await sql.query(lock, [second]);
    });
  const answers = await Promise.all([told(inOrder(1, 2)), told(inOrder(2, 1))]);
  expect(answers.sort()).toEqual([expect.stringMatching(/^503 server\.unavailable: /), "done"]);
  await db.close();
  await database.drop();
});
