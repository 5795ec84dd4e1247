import { expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase } from "../testing/database.ts";
import { openDatabase } from "./database.ts";
import { statement } from "./statement.ts";

const Row = z.object({ sum: z.number(), at: z.date() });

test("parameters go by name, however often they are used; rows are parsed", async () => {
  const database = await createTestDatabase({ empty: true });
  const db = openDatabase({ url: database.url });
  const text =
    "SELECT :a::int + :b::int + :a::int AS sum, '2026-01-01 10:30:00+00'::timestamptz AS at WHERE :b::int > 0";
  const sum = statement(["a", "b"], Row, text);
  expect(await db.sql.row(sum, { b: 1, a: 20 })).toEqual({
    sum: 41,
    at: new Date("2026-01-01T10:30:00Z"),
  });
  expect(await db.sql.row(sum, { a: 1, b: 0 })).toBeUndefined();
  const wrong = statement(["a"], Row, "SELECT :a::text AS sum, now() AS at");
  await expect(db.sql.rows(wrong, { a: "many" })).rejects.toThrow("expected number");
  await db.close();
  await database.drop();
});

test("a statement whose text and parameters differ does not load", () => {
  expect(() => statement(["a"], Row, "SELECT :a, :b")).toThrow("No parameter is called b");
  expect(() => statement(["a", "b"], Row, "SELECT :a")).toThrow("Nothing takes b");
});
