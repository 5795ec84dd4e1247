import { JobState } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { endedExceptionSql, STARTABLE_SQL } from "../db/exception.ts";
import { firstHeldSql, Held } from "../db/held.ts";
import { plainText } from "../db/json-text.ts";
import { operatorRequiredSql, operatorSql } from "../db/operator.ts";
import { statement } from "../db/statement.ts";
import { ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { jobEventSql } from "./job-event-sql.ts";
import { HOLDABLE_AT, movesOf, usedByOthersSql } from "./moves.ts";
import { RELEASE_FACTS_SQL, ReleaseFacts } from "./release-facts.ts";
import { LEASE_MS, QUEUED_MS, RUN_MS, UNHEARD_MS } from "./timing.ts";

const Facts = z.object({
  state: z.enum(JobState),
  epoch: z.number(),
  /** The attempt that runs or ran under the job's present epoch. */
  attemptId: z.string().nullable(),
  orderOpen: z.boolean(),
  order: z.object({ number: z.string(), quantity: z.number(), used: z.number() }),
  release: ReleaseFacts,
  product: z.string(),
  allowVirtual: z.boolean(),
  nest: z.string(),
  hold: Held.nullable(),
  operatorRequired: z.boolean(),
  operatorKnown: z.boolean(),
});
/** A job as seen when a conditional update did not take it. */
export type LeaseFacts = Readonly<z.output<typeof Facts>>;

export interface Swept {
  readonly jobId: string;
  readonly state: JobState;
}

export interface LeaseRepository {
  /** `hostKey` and `operator` are the host and the person who want to start. */
  facts(
    stationId: string,
    jobId: string,
    hostKey?: string,
    operator?: string | null,
  ): Promise<LeaseFacts | null>;
  /** Prolongs a LEASED or RUNNING job. Null: it is not held under this epoch. */
  renew(
    stationId: string,
    jobId: string,
    epoch: number,
  ): Promise<{ readonly leaseMs: number; readonly cancel: boolean } | null>;
  /** → CANCELLED, and what is known of its attempt. False: not under this epoch, or not in a state that allows it. */
  cancel(
    stationId: string,
    jobId: string,
    reason: { epoch: number; code: string; message: string },
    by: Origin,
  ): Promise<boolean>;
  /** Ends what ran out and announces again what may have been forgotten. */
  sweep(): Promise<readonly Swept[]>;
  /** Stations that have not fetched what was offered to them a while ago. */
  unheard(): Promise<readonly string[]>;
}

const FACTS = statement(
  ["jobId", "stationId", "hostKey", "operator"],
  Facts,
  `
SELECT j.state, j.epoch, wo.state = 'open' AS "orderOpen",
       json_build_object('number', wo.number, 'quantity', wo.quantity,
         'used', ${usedByOthersSql("j.unit_id")}) AS "order",
       ${RELEASE_FACTS_SQL} AS release,
       p.name AS product, p.allow_virtual AS "allowVirtual",
       (SELECT a.id FROM attempt a WHERE a.job_id = j.id AND a.unit_id = j.unit_id
           AND a.step_id = j.step_id AND a.epoch = j.epoch) AS "attemptId",
       n.name AS nest,
       ${operatorRequiredSql("s")} AS "operatorRequired", ${operatorSql(":operator::uuid", "s")} IS NOT NULL AS "operatorKnown",
       ${firstHeldSql([...HOLDABLE_AT, "(SELECT h.id FROM host h WHERE h.key = :hostKey::text)"], "u")} AS hold
  FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id
  JOIN station s ON s.id = j.station_id JOIN work_order wo ON wo.id = j.work_order_id JOIN release r ON r.id = j.release_id
  JOIN product p ON p.id = wo.product_id
 WHERE j.id = :jobId AND j.station_id = :stationId`,
);

const RENEW = statement(
  ["jobId", "stationId", "epoch", "runMs", "leaseMs"],
  z.object({ state: z.enum(JobState), cancel: z.boolean() }),
  `
UPDATE job j SET deadline = now() + CASE j.state WHEN 'RUNNING' THEN :runMs::int ELSE :leaseMs::int END * interval '1 ms'
  FROM release r
 WHERE j.id = :jobId AND j.station_id = :stationId AND j.epoch = :epoch::bigint AND j.state IN ('LEASED', 'RUNNING')
   AND r.id = j.release_id
RETURNING j.state, j.cancel_asked OR ${endedExceptionSql("j")} OR r.state NOT IN (${STARTABLE_SQL})
          AND (r.state <> 'paused' OR j.state <> 'RUNNING') AND (r.state <> 'draft' OR j.exception_id IS NULL) AS cancel`,
);

/** A start that holds the job is waited for before the next statement looks: it would not see the attempt that came with it. */
const LOCK_JOB = statement(
  ["jobId"],
  z.object({ id: z.string() }),
  "SELECT id FROM job WHERE id = :jobId::uuid FOR NO KEY UPDATE",
);
const CANCEL = statement(
  ["jobId", "stationId", "epoch", "moves", "code", "message", ...ORIGIN_PARAMETERS],
  z.object({ id: z.string() }),
  `
WITH moved AS (
  UPDATE job SET state = :moves::jsonb ->> state, code = :code, deadline = NULL, changed_at = now()
   WHERE id = :jobId AND station_id = :stationId AND epoch = :epoch::bigint AND :moves::jsonb ? state
  RETURNING *),
told AS (${jobEventSql("job.cancelled", "moved", ":message")}),
noted AS (
  UPDATE attempt a SET touched = false, code = :code, detail = :message FROM moved m
   WHERE a.unit_id = m.unit_id AND a.step_id = m.step_id AND a.job_id = m.id
     AND a.epoch = m.epoch AND a.body_sha256 IS NULL)
SELECT id FROM moved`,
);

// Announced under another key than before: while a dead worker's job still stands in the queue, the same key is not taken.
const SWEEP = statement(
  ["ended", "queuedMs", ...ORIGIN_PARAMETERS],
  z.object({ jobId: z.string(), state: z.enum(JobState) }),
  `
WITH ended AS (
  SELECT id FROM job WHERE :ended::jsonb ? state AND state IN ('OFFERED', 'LEASED', 'RUNNING')
     AND deadline < now() ORDER BY deadline LIMIT 500 FOR UPDATE SKIP LOCKED),
moved AS (
  UPDATE job j SET state = :ended::jsonb ->> j.state, changed_at = now(),
         deadline = CASE :ended::jsonb ->> j.state
           WHEN 'QUEUED' THEN now() + :queuedMs * interval '1 ms' END
    FROM ended e WHERE j.id = e.id AND :ended::jsonb ? j.state AND j.deadline < now()
  RETURNING j.*),
recorded AS (${jobEventSql("job.unknown", "(SELECT * FROM moved WHERE state = 'UNKNOWN')")}),
forgotten AS (
  SELECT id FROM job WHERE state = 'QUEUED' AND deadline < now()
   ORDER BY deadline LIMIT 500 FOR UPDATE SKIP LOCKED),
waiting AS (
  UPDATE job j SET deadline = now() + :queuedMs * interval '1 ms'
    FROM forgotten f WHERE j.id = f.id AND j.state = 'QUEUED'
  RETURNING j.id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'flash', 'flash-' || id || '-' || extract(epoch FROM now())::bigint,
         json_build_object('jobId', id)
    FROM (SELECT id FROM moved WHERE state = 'QUEUED' UNION SELECT id FROM waiting) again)
SELECT id AS "jobId", state FROM moved`,
);

const UNHEARD = statement(
  ["unheardMs"],
  z.object({ stationId: z.string() }),
  `
SELECT DISTINCT station_id AS "stationId" FROM job
 WHERE state = 'OFFERED' AND changed_at < now() - :unheardMs * interval '1 ms' LIMIT 500`,
);

/** Which state a lease that ran out leads to; one event for each state that has a deadline. */
const ENDED = JSON.stringify({
  ...movesOf("offer-expired"),
  ...movesOf("lease-expired"),
  ...movesOf("lease-lost"),
});

export function leaseRepository({ sql, transaction }: Database): LeaseRepository {
  return {
    async facts(stationId, jobId, hostKey, operator = null) {
      const asked = hostKey === undefined ? null : plainText(hostKey);
      return (await sql.row(FACTS, { jobId, stationId, hostKey: asked, operator })) ?? null;
    },
    async renew(stationId, jobId, epoch) {
      const lease = { jobId, stationId, epoch, runMs: RUN_MS, leaseMs: LEASE_MS };
      const row = await sql.row(RENEW, lease);
      if (row === undefined) return null;
      return { leaseMs: row.state === "RUNNING" ? RUN_MS : LEASE_MS, cancel: row.cancel };
    },
    async cancel(stationId, jobId, { epoch, code, message }, by) {
      const values = {
        ...originValues(by),
        jobId,
        stationId,
        epoch,
        moves: JSON.stringify(movesOf("cancel")),
        code: plainText(code),
        message: plainText(message),
      };
      const moved = await transaction(async (tx) => {
        await tx.row(LOCK_JOB, { jobId });
        return await tx.row(CANCEL, values);
      });
      return moved !== undefined;
    },
    sweep: () =>
      sql.rows(SWEEP, { ended: ENDED, queuedMs: QUEUED_MS, ...originValues(ofServer("leases")) }),
    async unheard() {
      const rows = await sql.rows(UNHEARD, { unheardMs: UNHEARD_MS });
      return rows.map(({ stationId }) => stationId);
    },
  };
}
