import { expect, test } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import { openDatabase } from "./database.ts";
import { forgetPlans, NOT_PREPARED } from "./prepared.ts";

const preparedIn = "SELECT count(*)::int AS n FROM pg_prepared_statements WHERE statement ~ $1";

test("a statement is planned once a connection, and again when a migration changed its answer", async () => {
  // Other tests of this process have had their statements named, and there are only so many names.
  forgetPlans();
  const database = await createTestDatabase({ empty: true });
  const db = openDatabase({ url: database.url, poolSize: 2 });
  await db.sql.execute("CREATE TABLE shelf (id int, content int)");
  await db.sql.execute("INSERT INTO shelf VALUES (1, 7)");
  const read = "SELECT content FROM shelf WHERE id = $1";
  const inside = () => db.transaction((sql) => sql.query(read, [1]));
  const both = () => Promise.all([db.sql.query(read, [1]), inside()]);
  for (let round = 0; round < 8; round += 1) {
    expect(await both()).toEqual([[{ content: 7 }], [{ content: 7 }]]);
  }
  const held = await db.transaction((sql) => sql.query(preparedIn, ["content FROM shelf"]));
  expect(held).toEqual([{ n: 1 }]);
  await db.sql.execute("ALTER TABLE shelf ALTER COLUMN content TYPE text");
  expect(await inside()).toEqual([{ content: "7" }]);
  expect(await both()).toEqual([[{ content: "7" }], [{ content: "7" }]]);
  await db.close();
  await database.drop();
});

test("nothing is prepared behind a pooler", async () => {
  const database = await createTestDatabase({ empty: true });
  const db = openDatabase({ url: database.url, poolSize: 1, prepare: false });
  expect(await db.sql.query("SELECT $1::int AS n", [1])).toEqual([{ n: 1 }]);
  expect(await db.sql.query(preparedIn, ["."])).toEqual([{ n: 0 }]);
  await db.close();
  await database.drop();
});

test("a text that says so is planned each time, and takes no name", async () => {
  forgetPlans();
  const database = await createTestDatabase({ empty: true });
  const db = openDatabase({ url: database.url, poolSize: 1 });
  expect(await db.sql.query(`${NOT_PREPARED} SELECT $1::int AS n`, [1])).toEqual([{ n: 1 }]);
  expect(await db.sql.query(preparedIn, ["AS n$"])).toEqual([{ n: 0 }]);
  await db.close();
  await database.drop();
});
