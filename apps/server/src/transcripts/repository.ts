import type { Database } from "../db/database.ts";

/** What became of a transcript; `known`: one of the attempt was stored before. */
export type Kept = "stored" | "known" | "no-attempt" | "not-failed";

const ADD = `
WITH target AS (
  SELECT id, outcome FROM attempt WHERE id = $1 AND station_id = $2),
added AS (
  INSERT INTO transcript (attempt_id, bytes, gzip, stored)
  SELECT id, $3, $4, $5 FROM target WHERE outcome = 'FAIL'
  ON CONFLICT (attempt_id) DO NOTHING RETURNING attempt_id)
SELECT outcome, EXISTS (SELECT 1 FROM added) AS added FROM target`;

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
      const [row] = await sql.query<{ outcome: string | null; added: boolean }>(ADD, [
        attemptId,
        stationId,
        bytes,
        gzip,
        gzip.length,
      ]);
      if (row === undefined) return "no-attempt";
      if (row.outcome !== "FAIL") return "not-failed";
      return row.added ? "stored" : "known";
    },
    async gzip(attemptId: string): Promise<Buffer | undefined> {
      const rows = await sql.query<{ gzip: Buffer }>(
        "SELECT gzip FROM transcript WHERE attempt_id = $1",
        [attemptId],
      );
      return rows[0]?.gzip;
    },
    /** How many were deleted. */
    forget: (days: number, bytes: number) => sql.execute(FORGET, [days, bytes]),
  };
}
