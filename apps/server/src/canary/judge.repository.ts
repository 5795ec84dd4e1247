import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";
import {
  type Block,
  type Closing,
  type Evidence,
  OTHERS_A_UNIT,
  SAME_TIME_MS,
  type Trial,
} from "./evidence.ts";
import { EvidenceColumns } from "./repository.ts";

const RUNNING = statement(
  [],
  z.object({ id: z.string() }),
  `SELECT id FROM release WHERE state IN ('canary', 'paused') AND state = 'canary'`,
);
/** Releases that are canaries now. A partial index holds the few that are. */
export const runningCanaries = async (sql: Sql): Promise<readonly string[]> =>
  (await sql.rows(RUNNING, {})).map(({ id }) => id);

const Locked = EvidenceColumns.omit({ judged: true, waiting: true }).extend({
  releaseId: z.string(),
  predecessor: z.string(),
  blocks: z.number(),
  units: z.number(),
});
/** A canary whose row is locked: no place of it is given meanwhile. */
export type LockedCanary = z.infer<typeof Locked>;

const LOCK = statement(
  ["releaseId"],
  Locked,
  `
SELECT c.release_id AS "releaseId", p.version AS predecessor, c.blocks, c.units_judged AS units, c.units_failed AS failed,
       c.others_judged AS others, c.others_failed AS "othersFailed", c.others_beside AS beside, c.expected, c.evidence AS values
  FROM canary c JOIN release p ON p.id = c.predecessor_id
 WHERE c.release_id = :releaseId FOR NO KEY UPDATE OF c SKIP LOCKED`,
);
/** Undefined where another replica judges it, or a unit just takes a place of it: the next look is soon. */
export const lockToJudge = (sql: Sql, releaseId: string) => sql.row(LOCK, { releaseId });

/**
 * First tries that tell something of the image: they passed, or failed by the image's or the unit's fault. What a host, an operator or the
 * server spoilt is no try of the image, and neither is what was flashed under an exception. `a` is the attempt.
 */
const TELLS = `a.first AND NOT a.late AND a.exception_id IS NULL AND (a.outcome = 'PASS' OR a.outcome = 'FAIL' AND a.blame IN ('image', 'unit'))`;
const TRIAL_COLUMNS = "(release_id, unit_id, attempt_id, is_canary, failed, at)";
const trialSql = (from: string) => `
INSERT INTO canary_trial ${TRIAL_COLUMNS}
SELECT c.release_id, a.unit_id, a.id, a.release_id = c.release_id, a.outcome = 'FAIL' AND a.blame = 'image', a.accepted_at
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

/** An attempt that takes longer holds nobody up, seconds. */
const LONGEST_S = 600;
const KNOWN = statement(
  ["releaseId"],
  z.object({ until: z.date() }),
  `
SELECT date_trunc('milliseconds', least(now(), (
  SELECT min(a.accepted_at) FROM canary c JOIN job j ON j.release_id IN (c.release_id, c.predecessor_id) AND j.state = 'RUNNING'
    JOIN attempt a ON a.unit_id = j.unit_id AND a.step_id = j.step_id AND a.job_id = j.id AND a.epoch = j.epoch
   WHERE c.release_id = :releaseId AND a.accepted_at > now() - interval '${LONGEST_S} s'))) AS until`,
);
/** Of all attempts with the canary or its predecessor that began before this the end is known. To be asked before {@link gather}. */
export const knownUntil = async (sql: Sql, releaseId: string): Promise<Date> =>
  (await sql.row(KNOWN, { releaseId }))?.until ?? new Date(0);

const WAITING = statement(
  ["releaseId", "until"],
  z.object({
    unitId: z.string(),
    isCanary: z.boolean(),
    at: z.date().transform((at) => at.getTime()),
  }),
  `
SELECT t.unit_id AS "unitId", t.is_canary AS "isCanary", t.at FROM canary_trial t
 WHERE t.release_id = :releaseId AND t.block IS NULL AND t.at < :until::timestamptz AND t.at >= (
   SELECT min(f.at) - interval '${SAME_TIME_MS} ms' FROM canary_trial f
    WHERE f.release_id = :releaseId AND f.is_canary AND f.block IS NULL AND f.at < :until::timestamptz)
 ORDER BY t.at, t.unit_id`,
);
/** Units that are in no block yet, in the order in which they began, from shortly before the canary's first on; none where none of it waits. */
export const waitingOf = (sql: Sql, releaseId: string, until: Date): Promise<readonly Trial[]> =>
  sql.rows(WAITING, { releaseId, until });

const OLDER = statement(
  ["releaseId", "before"],
  z.object({ older: z.number(), kept: z.number() }),
  `
SELECT count(*) FILTER (WHERE at < :before::timestamptz)::int AS older, count(*)::int AS kept
  FROM canary_trial WHERE release_id = :releaseId AND NOT is_canary AND block IS NULL`,
);
/** How many of the predecessor's that are in no block began before, and how many there are. */
export const olderThan = async (
  sql: Sql,
  releaseId: string,
  before: Date,
): Promise<{ readonly older: number; readonly kept: number }> =>
  (await sql.row(OLDER, { releaseId, before })) ?? { older: 0, kept: 0 };

/** The canary's units in the order in which they began; the predecessor's latest up to the block's last unit. What became of them plays no part. */
const TAKE = statement(
  ["releaseId", "block", "units", "others", "lastAt", "lastUnit"],
  z.object({
    units: z.number(),
    failed: z.number(),
    others: z.number(),
    othersFailed: z.number(),
  }),
  `
WITH mine AS (
  SELECT unit_id FROM canary_trial WHERE release_id = :releaseId AND is_canary AND block IS NULL ORDER BY at, unit_id LIMIT :units::int),
others AS (
  SELECT unit_id FROM canary_trial WHERE release_id = :releaseId AND NOT is_canary AND block IS NULL
     AND (at, unit_id) <= (:lastAt::timestamptz, :lastUnit::uuid)
   ORDER BY at DESC, unit_id DESC LIMIT :others::int),
taken AS (
  UPDATE canary_trial SET block = :block::int
   WHERE release_id = :releaseId AND unit_id IN (SELECT unit_id FROM mine UNION ALL SELECT unit_id FROM others)
  RETURNING is_canary, failed)
SELECT count(*) FILTER (WHERE is_canary)::int AS units, count(*) FILTER (WHERE is_canary AND failed)::int AS failed,
       count(*) FILTER (WHERE NOT is_canary)::int AS others, count(*) FILTER (WHERE NOT is_canary AND failed)::int AS "othersFailed"
  FROM taken`,
);
/** Closes a block and says what became of its units. */
export async function takeBlock(
  sql: Sql,
  releaseId: string,
  block: number,
  { units, others, beside, last }: Closing,
): Promise<Block | undefined> {
  const bound = { lastAt: new Date(last.at), lastUnit: last.unitId };
  const taken = await sql.row(TAKE, { releaseId, block, units, others, ...bound });
  return taken === undefined ? undefined : { ...taken, beside: Math.min(beside, taken.others) };
}

const KEEP = statement(
  [
    "releaseId",
    "blocks",
    "units",
    "failed",
    "others",
    "othersFailed",
    "beside",
    "expected",
    "values",
  ],
  z.object({}),
  `
UPDATE canary SET blocks = :blocks, units_judged = :units, units_failed = :failed, others_judged = :others,
       others_failed = :othersFailed, others_beside = :beside, expected = :expected, evidence = :values::float8[]
 WHERE release_id = :releaseId`,
);
export async function keepEvidence(sql: Sql, releaseId: string, evidence: Evidence): Promise<void> {
  await sql.rows(KEEP, { releaseId, ...evidence });
}
