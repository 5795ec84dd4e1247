import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/** What became of a transcript; `known`: one of the attempt was stored before. */
export type Kept = "stored" | "known" | "no-attempt" | "not-failed";

/** Whose transcript it is: their ids are never the same. */
export type Owner = "attempt" | "golden-check";

const PARAMETERS = ["id", "stationId", "bytes", "gzip", "stored"] as const;
const Added = z.object({ failed: z.boolean(), added: z.boolean() });
/** `failed`: SQL, whether a row of `of` may have one. */
const add = (of: string, failed: string, table: string, column: string) =>
  statement(
    PARAMETERS,
    Added,
    `
WITH target AS (
  SELECT id, coalesce(${failed}, false) AS failed FROM ${of} WHERE id = :id::uuid AND station_id = :stationId::uuid),
added AS (
  INSERT INTO ${table} (${column}, bytes, gzip, stored)
  SELECT id, :bytes, :gzip, :stored FROM target WHERE failed
  ON CONFLICT (${column}) DO NOTHING RETURNING ${column})
SELECT failed, EXISTS (SELECT 1 FROM added) AS added FROM target`,
  );
const ADD: Readonly<Record<Owner, ReturnType<typeof add>>> = {
  attempt: add("attempt", "outcome = 'FAIL'", "transcript", "attempt_id"),
  // One that says nothing about its nest has not passed either.
  "golden-check": add(
    "golden_check",
    "state IN ('failed', 'void')",
    "golden_transcript",
    "check_id",
  ),
};
const Gzip = z.object({ gzip: z.instanceof(Buffer) });
const GZIP = {
  attempt: statement(["id"], Gzip, "SELECT gzip FROM transcript WHERE attempt_id = :id::uuid"),
  "golden-check": statement(
    ["id"],
    Gzip,
    "SELECT gzip FROM golden_transcript WHERE check_id = :id::uuid",
  ),
} satisfies Readonly<Record<Owner, object>>;

/** The newest stay: those that are younger than $1 days, as far as $2 bytes go for all together. */
const FORGET = `
WITH kept AS (
  SELECT attempt_id AS id, received_at, stored FROM transcript UNION ALL SELECT check_id, received_at, stored FROM golden_transcript),
gone AS (
  SELECT id FROM (
    SELECT id, received_at, sum(stored) OVER (ORDER BY received_at DESC, id DESC) AS upto FROM kept) summed
   WHERE received_at < now() - $1 * interval '1 day' OR upto > $2),
golden AS (DELETE FROM golden_transcript WHERE check_id IN (SELECT id FROM gone))
DELETE FROM transcript WHERE attempt_id IN (SELECT id FROM gone)`;

export type TranscriptsRepository = ReturnType<typeof transcriptsRepository>;

export function transcriptsRepository({ sql }: Database) {
  return {
    async add(
      owner: Owner,
      id: string,
      stationId: string,
      bytes: number,
      gzip: Uint8Array,
    ): Promise<Kept> {
      const row = await sql.row(ADD[owner], { id, stationId, bytes, gzip, stored: gzip.length });
      if (row === undefined) return "no-attempt";
      if (!row.failed) return "not-failed";
      return row.added ? "stored" : "known";
    },
    async gzip(owner: Owner, id: string): Promise<Buffer | undefined> {
      return (await sql.row(GZIP[owner], { id }))?.gzip;
    },
    forget: (days: number, bytes: number) => sql.execute(FORGET, [days, bytes]),
  };
}
