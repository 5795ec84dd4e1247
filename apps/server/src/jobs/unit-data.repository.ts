import { FlashlineError, type RecipeView } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import { secretPlace, type Vault } from "../storage/vault.ts";
import { neededRanges, needsNothing, type UnitData, type UnitDataFacts } from "./unit-data.ts";

/** $1 product, $2 unit or null. */
const FACTS = `
SELECT ARRAY(SELECT name FROM unit_value WHERE unit_id = $2) AS given,
       ARRAY(SELECT name FROM unit_secret WHERE unit_id = $2 AND expires_at > now()) AS secrets,
       ARRAY(SELECT name FROM unit_number WHERE unit_id = $2) AS numbered,
       coalesce((SELECT json_object_agg(name, left_) FROM (
         SELECT name, sum(last - next + 1)::float8 AS left_ FROM number_range
          WHERE product_id = $1 GROUP BY name) ranges), '{}') AS left`;

/** Null when the release takes nothing from the server. */
export async function readUnitDataFacts(
  sql: Sql,
  productId: string,
  unitId: string | null,
  fields: RecipeView["fields"],
): Promise<UnitDataFacts | null> {
  if (needsNothing(fields)) return null;
  const [row] = await sql.query<Omit<UnitDataFacts, "fields">>(FACTS, [productId, unitId]);
  return row === undefined ? null : { ...row, fields };
}

/** $1 product, $2 range, $3 unit. The stretch that was added first goes first. */
const ALLOT = `
WITH stretch AS (
  SELECT id FROM number_range
   WHERE product_id = $1 AND name = $2 AND next <= last
     AND NOT EXISTS (SELECT 1 FROM unit_number WHERE unit_id = $3 AND name = $2)
   ORDER BY created_at, id LIMIT 1),
taken AS (
  UPDATE number_range r SET next = r.next + 1 FROM stretch
   WHERE r.id = stretch.id RETURNING r.next - 1 AS value),
added AS (
  INSERT INTO unit_number (unit_id, product_id, name, value)
  SELECT $3, $1, $2, value FROM taken RETURNING value)
SELECT value FROM added
UNION ALL SELECT value FROM unit_number WHERE unit_id = $3 AND name = $2`;

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
    await sql.query(
      "SELECT id FROM number_range WHERE product_id = $1 AND name = $2 ORDER BY id FOR UPDATE",
      [productId, range],
    );
    if ((await sql.query(ALLOT, [productId, range, unitId])).length > 0) continue;
    throw new FlashlineError(
      "values.range_used_up",
      `Range "${range}" has no number left, or does not exist.`,
      { parameters: { range } },
    );
  }
}

interface UnitDataRow {
  readonly numbers: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
  readonly sealed: Readonly<Record<string, string>>;
}

const OF_JOB = `
SELECT j.unit_id AS "unitId",
       coalesce((SELECT json_object_agg(name, value::text) FROM unit_number
          WHERE unit_id = j.unit_id), '{}') AS numbers,
       coalesce((SELECT json_object_agg(name, value) FROM unit_value
          WHERE unit_id = j.unit_id), '{}') AS given,
       coalesce((SELECT json_object_agg(name, encode(sealed, 'base64')) FROM unit_secret
          WHERE unit_id = j.unit_id AND expires_at > now()), '{}') AS sealed
  FROM job j WHERE j.id = $1`;

/** What the job's unit has. A secret that does not open is left out. */
export async function readUnitData(sql: Sql, vault: Vault, jobId: string): Promise<UnitData> {
  const [row] = await sql.query<UnitDataRow & { readonly unitId: string }>(OF_JOB, [jobId]);
  if (row === undefined) return { numbers: {}, given: {}, secrets: {} };
  const { numbers, given, sealed, unitId } = row;
  const secrets = Object.entries(sealed).flatMap(([name, content]) => {
    const secret = vault.open(secretPlace(unitId, name), Buffer.from(content, "base64"));
    return secret === undefined ? [] : [[name, secret] as const];
  });
  return { numbers, given, secrets: Object.fromEntries(secrets) };
}
