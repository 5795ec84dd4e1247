import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";
import {
  type Evidence,
  LARGEST_BLOCK,
  OTHERS_A_UNIT,
  SAME_TIME_MS,
  type Waiting,
} from "./evidence.ts";

const RUNNING = statement(
  [],
  z.object({ id: z.string() }),
  `SELECT id FROM release WHERE state IN ('canary', 'paused') AND state = 'canary'`,
);
/** Releases that are canaries now. A partial index holds the few that are. */
export const runningCanaries = async (sql: Sql): Promise<readonly string[]> =>
  (await sql.rows(RUNNING, {})).map(({ id }) => id);

const Locked = z.object({
  releaseId: z.string(),
  predecessor: z.string(),
  blocks: z.number(),
  units: z.number(),
  failed: z.number(),
  others: z.number(),
  othersFailed: z.number(),
  expected: z.number(),
  values: z.array(z.number()),
});
/** A canary whose row is locked: no place of it is given meanwhile. */
export type LockedCanary = z.infer<typeof Locked>;

const LOCK = statement(
  ["releaseId"],
  Locked,
  `
SELECT c.release_id AS "releaseId", p.version AS predecessor, c.blocks, c.units_judged AS units, c.units_failed AS failed,
       c.others_judged AS others, c.others_failed AS "othersFailed", c.expected, c.evidence AS values
  FROM canary c JOIN release p ON p.id = c.predecessor_id
 WHERE c.release_id = :releaseId FOR NO KEY UPDATE OF c SKIP LOCKED`,
);
/** Undefined where another replica judges it, or a unit just takes a place of it: the next look is soon. */
export const lockToJudge = (sql: Sql, releaseId: string) => sql.row(LOCK, { releaseId });

/**
 * First tries that tell something of the image: they passed, or failed by the image's or the unit's fault. What a host, an operator or the
 * server spoilt is no try of the image. `a` is the attempt.
 */
const TELLS = `a.first AND NOT a.late AND (a.outcome = 'PASS' OR a.outcome = 'FAIL' AND a.blame IN ('image', 'unit'))`;
const TRIAL_COLUMNS = "(release_id, unit_id, attempt_id, is_canary, failed, at)";
const trialSql = (from: string) => `
INSERT INTO canary_trial ${TRIAL_COLUMNS}
SELECT c.release_id, a.unit_id, a.id, a.release_id = c.release_id, a.outcome = 'FAIL' AND a.blame = 'image', a.received_at
  FROM ${from}
ON CONFLICT DO NOTHING`;

/** A result is seen by others at its commit, up to so long after the time that it is stamped with, seconds. */
const COMMIT_S = 60;
const GATHER = statement(
  ["releaseId"],
  z.object({}),
  `
WITH gathered AS (${trialSql(`canary c JOIN attempt a ON a.received_at >= c.read_until - interval '${COMMIT_S} s'
      AND a.received_at >= c.judged_since AND a.release_id IN (c.release_id, c.predecessor_id)
 WHERE c.release_id = :releaseId AND ${TELLS}`)})
UPDATE canary SET read_until = now() WHERE release_id = :releaseId`,
);

/** So many units of the predecessor from before are kept ready at most, to compare with where few are flashed beside the canary. */
const MOST_BEFORE = 2000;
/** They are looked for so far back, days. */
const BEFORE_DAYS = 30;
const BEFORE = statement(
  ["releaseId"],
  z.object({}),
  trialSql(`canary c CROSS JOIN LATERAL (
    SELECT * FROM attempt a WHERE a.received_at < c.judged_since AND a.received_at > now() - interval '${BEFORE_DAYS} days'
       AND a.release_id = c.predecessor_id AND ${TELLS}
     ORDER BY a.received_at DESC LIMIT least(${OTHERS_A_UNIT} * c.units, ${MOST_BEFORE})) a
 WHERE c.release_id = :releaseId`),
);
/** Takes the predecessor's latest units as a yardstick for a canary that begins. */
export async function takeYardstick(sql: Sql, releaseId: string): Promise<void> {
  await sql.rows(BEFORE, { releaseId });
}

/** With more of the predecessor's units that wait to be compared with, those before the latest {@link MOST_BEFORE} are forgotten. */
export const MOST_KEPT = 2 * MOST_BEFORE;
const FORGET = statement(
  ["releaseId"],
  z.object({}),
  `
DELETE FROM canary_trial WHERE release_id = :releaseId AND NOT is_canary AND block IS NULL AND at < (
  SELECT at FROM canary_trial WHERE release_id = :releaseId AND NOT is_canary AND block IS NULL ORDER BY at DESC OFFSET ${MOST_BEFORE} LIMIT 1)`,
);
/** A canary that nobody ends must not gather its predecessor's units for months. What became of them plays no part. */
export async function forgetOldest(sql: Sql, releaseId: string): Promise<void> {
  await sql.rows(FORGET, { releaseId });
}

/** A job that was not started lives shorter than this; a unit that was started keeps its place. */
const RECENT = "interval '1 hour'";
const FREE = statement(
  ["releaseId"],
  z.object({}),
  `
WITH freed AS (
  DELETE FROM canary_unit p WHERE p.release_id = :releaseId AND p.taken_at > now() - ${RECENT}
     AND NOT EXISTS (SELECT FROM job j WHERE j.unit_id = p.unit_id AND j.release_id = p.release_id AND j.state IN (${OPEN_SQL}))
     AND NOT EXISTS (SELECT FROM attempt a WHERE a.unit_id = p.unit_id AND a.release_id = p.release_id)
  RETURNING p.unit_id)
UPDATE canary SET used = used - (SELECT count(*)::int FROM freed) WHERE release_id = :releaseId AND EXISTS (SELECT FROM freed)`,
);

/** Reads what came in since the last look, and gives back the places of units whose job was called off before its start. */
export async function gather(sql: Sql, releaseId: string): Promise<void> {
  await sql.rows(GATHER, { releaseId });
  await sql.rows(FREE, { releaseId });
}

const WAITING = statement(
  ["releaseId"],
  z.object({
    units: z.number(),
    recent: z.number(),
    older: z.number(),
    waitedMs: z.number(),
    /** Of the predecessor, also where no unit of the canary waits. */
    kept: z.number(),
  }),
  `
WITH waiting AS (SELECT is_canary, at FROM canary_trial WHERE release_id = :releaseId AND block IS NULL),
begun AS (SELECT min(at) AS at FROM waiting WHERE is_canary)
SELECT count(*) FILTER (WHERE is_canary)::int AS units,
       count(*) FILTER (WHERE NOT is_canary AND w.at >= begun.at - interval '${SAME_TIME_MS} ms')::int AS recent,
       count(*) FILTER (WHERE NOT is_canary AND w.at < begun.at - interval '${SAME_TIME_MS} ms')::int AS older,
       coalesce(extract(epoch FROM now() - min(begun.at)) * 1000, 0)::float8 AS "waitedMs",
       count(*) FILTER (WHERE NOT is_canary)::int AS kept
  FROM waiting w CROSS JOIN begun`,
);
export const waitingFor = async (
  sql: Sql,
  releaseId: string,
): Promise<Waiting & { readonly kept: number }> =>
  (await sql.row(WAITING, { releaseId })) ?? {
    ...{ units: 0, recent: 0, older: 0, waitedMs: 0, kept: 0 },
  };

/** The canary's units in the order of their results; the predecessor's latest that were in no block. What became of them plays no part. */
const TAKE = statement(
  ["releaseId", "block", "others"],
  z.object({
    units: z.number(),
    failed: z.number(),
    others: z.number(),
    othersFailed: z.number(),
  }),
  `
WITH mine AS (
  SELECT unit_id FROM canary_trial WHERE release_id = :releaseId AND is_canary AND block IS NULL ORDER BY at, unit_id LIMIT ${LARGEST_BLOCK}),
others AS (
  SELECT unit_id FROM canary_trial WHERE release_id = :releaseId AND NOT is_canary AND block IS NULL
   ORDER BY at DESC, unit_id LIMIT :others::int),
taken AS (
  UPDATE canary_trial SET block = :block::int
   WHERE release_id = :releaseId AND unit_id IN (SELECT unit_id FROM mine UNION ALL SELECT unit_id FROM others)
  RETURNING is_canary, failed)
SELECT count(*) FILTER (WHERE is_canary)::int AS units, count(*) FILTER (WHERE is_canary AND failed)::int AS failed,
       count(*) FILTER (WHERE NOT is_canary)::int AS others, count(*) FILTER (WHERE NOT is_canary AND failed)::int AS "othersFailed"
  FROM taken`,
);
/** Closes a block with so many of the predecessor's units and says what became of its units. */
export const takeBlock = (sql: Sql, releaseId: string, block: number, others: number) =>
  sql.row(TAKE, { releaseId, block, others });

const KEEP = statement(
  ["releaseId", "blocks", "units", "failed", "others", "othersFailed", "expected", "values"],
  z.object({}),
  `
UPDATE canary SET blocks = :blocks, units_judged = :units, units_failed = :failed, others_judged = :others,
       others_failed = :othersFailed, expected = :expected, evidence = :values::float8[]
 WHERE release_id = :releaseId`,
);
export async function keepEvidence(sql: Sql, releaseId: string, evidence: Evidence): Promise<void> {
  await sql.rows(KEEP, { releaseId, ...evidence });
}
