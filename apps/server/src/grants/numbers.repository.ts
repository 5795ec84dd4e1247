import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** As for a job: whoever takes numbers of a range holds all its stretches. */
const LOCK_RANGE = statement(
  ["productId", "range"],
  z.object({ id: z.string(), left: z.number(), createdAt: z.date() }),
  `
SELECT id, (last - next + 1)::float8 AS left, created_at AS "createdAt" FROM number_range
 WHERE product_id = :productId AND name = :range ORDER BY id FOR UPDATE`,
);
const RETURNED = statement(
  ["productId", "range", "most"],
  z.object({ value: z.string() }),
  `
DELETE FROM grant_number WHERE product_id = :productId AND name = :range AND value IN (
  SELECT value FROM grant_number WHERE product_id = :productId AND name = :range AND grant_id IS NULL ORDER BY value LIMIT :most::int)
RETURNING value::text`,
);
const TAKE = statement(
  ["id", "count"],
  z.object({ value: z.string() }),
  `
WITH taken AS (UPDATE number_range SET next = next + :count::int WHERE id = :id::uuid AND next + :count::int - 1 <= last RETURNING next)
SELECT n::text AS value FROM taken, generate_series(taken.next - :count::int, taken.next - 1) n`,
);
const KEEP = statement(
  ["productId", "range", "grantId", "values"],
  z.object({}),
  `
INSERT INTO grant_number (product_id, name, value, grant_id, place)
SELECT :productId::uuid, :range, v.value, :grantId::uuid, v.place FROM unnest(:values::bigint[]) WITH ORDINALITY AS v(value, place)`,
);

/** Takes at most `count` numbers of a range: those that were given back first. Call in the transaction that gives the grant. */
export async function takeNumbers(
  sql: Sql,
  productId: string,
  range: string,
  count: number,
): Promise<readonly string[]> {
  const stretches = await sql.rows(LOCK_RANGE, { productId, range });
  const returned = await sql.rows(RETURNED, { productId, range, most: count });
  const taken = returned.map(({ value }) => value);
  const oldestFirst = stretches.toSorted((a, b) => Number(a.createdAt) - Number(b.createdAt));
  for (const { id, left } of oldestFirst) {
    const wanted = Math.min(count - taken.length, Math.max(0, left));
    if (wanted === 0) continue;
    const rows = await sql.rows(TAKE, { id, count: wanted });
    taken.push(...rows.map(({ value }) => value));
  }
  return taken;
}

/** The first of `values` is for place 1. */
export const keepNumbers = (
  sql: Sql,
  grantId: string,
  productId: string,
  range: string,
  values: readonly string[],
) => sql.row(KEEP, { grantId, productId, range, values: [...values] });

const FREE = statement(
  ["grantId", "taken"],
  z.object({}),
  "UPDATE grant_number SET grant_id = NULL, place = NULL WHERE grant_id = :grantId::uuid AND place <> ALL (:taken::int[])",
);

/** The next grant takes them. Only where it is certain that no unit has them: those of `taken` places stay with the grant. */
export const freeNumbers = (sql: Sql, grantId: string, taken: readonly number[]) =>
  sql.row(FREE, { grantId, taken: [...taken] });
