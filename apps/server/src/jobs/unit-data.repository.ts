import { FlashlineError, type RecipeView } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { secretPlace, type Vault } from "../storage/vault.ts";
import { neededRanges, needsNothing, type UnitData, type UnitDataFacts } from "./unit-data.ts";

/** `unitId` is null for a new unit. */
const FACTS = statement(
  ["productId", "unitId"],
  z.object({
    given: z.array(z.string()),
    secrets: z.array(z.string()),
    numbered: z.array(z.string()),
    left: z.record(z.string(), z.number()),
  }),
  `
SELECT ARRAY(SELECT name FROM unit_value WHERE unit_id = :unitId) AS given,
       ARRAY(SELECT name FROM unit_secret WHERE unit_id = :unitId AND expires_at > now()) AS secrets,
       ARRAY(SELECT name FROM unit_number WHERE unit_id = :unitId) AS numbered,
       coalesce((SELECT json_object_agg(name, left_) FROM (
         SELECT name, sum(last - next + 1)::float8 AS left_ FROM number_range
          WHERE product_id = :productId GROUP BY name) ranges), '{}') AS left`,
);

/** Null when the release takes nothing from the server. */
export async function readUnitDataFacts(
  sql: Sql,
  productId: string,
  unitId: string | null,
  fields: RecipeView["fields"],
): Promise<UnitDataFacts | null> {
  if (needsNothing(fields)) return null;
  const row = await sql.row(FACTS, { productId, unitId });
  return row === undefined ? null : { ...row, fields };
}

/** The stretch that was added first goes first. */
const ALLOT = statement(
  ["productId", "range", "unitId"],
  z.object({ value: z.string() }),
  `
WITH stretch AS (
  SELECT id FROM number_range
   WHERE product_id = :productId AND name = :range AND next <= last
     AND NOT EXISTS (SELECT 1 FROM unit_number WHERE unit_id = :unitId AND name = :range)
   ORDER BY created_at, id LIMIT 1),
taken AS (
  UPDATE number_range r SET next = r.next + 1 FROM stretch
   WHERE r.id = stretch.id RETURNING r.next - 1 AS value),
added AS (
  INSERT INTO unit_number (unit_id, product_id, name, value)
  SELECT :unitId::uuid, :productId::uuid, :range, value FROM taken RETURNING value)
SELECT value FROM added
UNION ALL SELECT value FROM unit_number WHERE unit_id = :unitId AND name = :range`,
);

const LOCK_RANGE = statement(
  ["productId", "range"],
  z.object({ id: z.string() }),
  "SELECT id FROM number_range WHERE product_id = :productId AND name = :range ORDER BY id FOR UPDATE",
);

/**
 * Gives the unit a number of each range from which it has none yet. Runs in the caller's transaction, so that a job that is not
 * made uses up no number. Rejects with `values.range_used_up`.
 */
export async function allotNumbers(
  sql: Sql,
  productId: string,
  unitId: string,
  fields: RecipeView["fields"],
): Promise<void> {
  for (const range of neededRanges(fields)) {
    // Locks all stretches of the name first, so that no other job takes the numbers that the next statement sees.
    await sql.rows(LOCK_RANGE, { productId, range });
    if ((await sql.row(ALLOT, { productId, range, unitId })) !== undefined) continue;
    throw new FlashlineError(
      "values.range_used_up",
      `Range "${range}" has no number left, or does not exist.`,
      { parameters: { range } },
    );
  }
}

const Texts = z.record(z.string(), z.string());
const OF_JOB = statement(
  ["jobId"],
  z.object({ unitId: z.string(), numbers: Texts, given: Texts, sealed: Texts }),
  `
SELECT j.unit_id AS "unitId",
       coalesce((SELECT json_object_agg(name, value::text) FROM unit_number
          WHERE unit_id = j.unit_id), '{}') AS numbers,
       coalesce((SELECT json_object_agg(name, value) FROM unit_value
          WHERE unit_id = j.unit_id), '{}') AS given,
       coalesce((SELECT json_object_agg(name, encode(sealed, 'base64')) FROM unit_secret
          WHERE unit_id = j.unit_id AND expires_at > now()), '{}') AS sealed
  FROM job j WHERE j.id = :jobId`,
);

/** What the job's unit has. A secret that does not open is left out. */
export async function readUnitData(sql: Sql, vault: Vault, jobId: string): Promise<UnitData> {
  const row = await sql.row(OF_JOB, { jobId });
  if (row === undefined) return { numbers: {}, given: {}, secrets: {} };
  const { numbers, given, sealed, unitId } = row;
  const secrets = Object.entries(sealed).flatMap(([name, content]) => {
    const secret = vault.open(secretPlace(unitId, name), Buffer.from(content, "base64"));
    return secret === undefined ? [] : [[name, secret] as const];
  });
  return { numbers, given, secrets: Object.fromEntries(secrets) };
}
