import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";

/** What became of a transcript; `known`: one of the attempt was stored before. */
export type Kept = "stored" | "known" | "no-attempt" | "not-failed";

const ADD = statement(
  ["attemptId", "stationId", "bytes", "gzip", "stored"],
  z.object({ outcome: z.string().nullable(), added: z.boolean() }),
  `
WITH target AS (
  SELECT id, outcome FROM attempt WHERE id = :attemptId::uuid AND station_id = :stationId::uuid),
added AS (
  INSERT INTO transcript (attempt_id, bytes, gzip, stored)
  SELECT id, :bytes, :gzip, :stored FROM target WHERE outcome = 'FAIL'
  ON CONFLICT (attempt_id) DO NOTHING RETURNING attempt_id)
SELECT outcome, EXISTS (SELECT 1 FROM added) AS added FROM target`,
);
const GZIP = statement(
  ["attemptId"],
  z.object({ gzip: z.instanceof(Buffer) }),
  "SELECT gzip FROM transcript WHERE attempt_id = :attemptId::uuid",
);

/** The newest stay: those that are younger than $1 days, as far as $2 bytes go. */
const FORGET = `
DELETE FROM transcript WHERE attempt_id IN (
  SELECT attempt_id FROM (
    SELECT attempt_id, received_at,
           sum(stored) OVER (ORDER BY received_at DESC, attempt_id DESC) AS upto
      FROM transcript) kept
   WHERE received_at < now() - $1 * interval '1 day' OR upto > $2)`;

export type TranscriptsRepository = ReturnType<typeof transcriptsRepository>;

export function transcriptsRepository({ sql }: Database) {
  return {
    async add(
      attemptId: string,
      stationId: string,
      bytes: number,
      gzip: Uint8Array,
    ): Promise<Kept> {
      const stored = gzip.length;
      const row = await sql.row(ADD, { attemptId, stationId, bytes, gzip, stored });
      if (row === undefined) return "no-attempt";
      if (row.outcome !== "FAIL") return "not-failed";
      return row.added ? "stored" : "known";
    },
    async gzip(attemptId: string): Promise<Buffer | undefined> {
      return (await sql.row(GZIP, { attemptId }))?.gzip;
    },
    /** How many were deleted. */
    forget: (days: number, bytes: number) => sql.execute(FORGET, [days, bytes]),
  };
}
