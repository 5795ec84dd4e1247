import type { JobState } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { plainText } from "../db/json-text.ts";
import { movesOf, usedByOthersSql } from "./moves.ts";
import { LEASE_MS, QUEUED_MS, RUN_MS, UNHEARD_MS } from "./timing.ts";

/** A job as seen when a conditional update did not take it. */
export interface LeaseFacts {
  readonly state: JobState;
  readonly epoch: number;
  /** The attempt that runs or ran under the job's present epoch. */
  readonly attemptId: string | null;
  readonly orderOpen: boolean;
  readonly order: { readonly number: string; readonly quantity: number; readonly used: number };
  readonly release: { readonly version: string; readonly state: string; readonly expired: boolean };
  readonly product: string;
  readonly allowVirtual: boolean;
  readonly hostQuarantined: boolean;
}

export interface Swept {
  readonly jobId: string;
  readonly state: JobState;
}

export interface LeaseRepository {
  /** `hostKey` is the host that wants to start; null when there is no such host. */
  facts(stationId: string, jobId: string, hostKey: string | null): Promise<LeaseFacts | null>;
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
  ): Promise<boolean>;
  /** Ends what ran out and announces again what may have been forgotten. */
  sweep(): Promise<readonly Swept[]>;
  /** Stations that have not fetched what was offered to them a while ago. */
  unheard(): Promise<readonly string[]>;
}

const FACTS = `
SELECT j.state, j.epoch, wo.state = 'open' AS order_open, wo.number, wo.quantity, r.version,
       r.state AS release_state, coalesce(r.expires_at <= now(), false) AS expired,
       p.name AS product, p.allow_virtual,
       (SELECT a.id FROM attempt a WHERE a.job_id = j.id AND a.unit_id = j.unit_id
           AND a.step_id = j.step_id AND a.epoch = j.epoch) AS attempt_id,
       ${usedByOthersSql("j.unit_id")} AS used,
       EXISTS (SELECT 1 FROM host h WHERE h.key = $3 AND h.verdict = 'QUARANTINED') AS quarantined
  FROM job j JOIN work_order wo ON wo.id = j.work_order_id JOIN release r ON r.id = j.release_id
  JOIN product p ON p.id = wo.product_id
 WHERE j.id = $1 AND j.station_id = $2`;

const RENEW = `
UPDATE job j SET deadline = now() + CASE j.state WHEN 'RUNNING' THEN $4::int ELSE $5::int END * interval '1 ms'
  FROM release r
 WHERE j.id = $1 AND j.station_id = $2 AND j.epoch = $3::bigint AND j.state IN ('LEASED', 'RUNNING')
   AND r.id = j.release_id
RETURNING j.state, j.cancel_asked OR r.state <> 'released' AS cancel`;

const CANCEL = `
WITH moved AS (
  UPDATE job SET state = $4::jsonb ->> state, code = $5, deadline = NULL, changed_at = now()
   WHERE id = $1 AND station_id = $2 AND epoch = $3::bigint AND $4::jsonb ? state
  RETURNING id, unit_id, step_id, epoch),
noted AS (
  UPDATE attempt a SET touched = false, code = $5, detail = $6 FROM moved m
   WHERE a.unit_id = m.unit_id AND a.step_id = m.step_id AND a.job_id = m.id
     AND a.epoch = m.epoch AND a.body_sha256 IS NULL)
SELECT id FROM moved`;

// Announced under another key than before: while a dead worker's job still stands in the queue, the same key is not taken.
const SWEEP = `
WITH ended AS (
  SELECT id FROM job WHERE $1::jsonb ? state AND state IN ('OFFERED', 'LEASED', 'RUNNING')
     AND deadline < now() ORDER BY deadline LIMIT 500 FOR UPDATE SKIP LOCKED),
moved AS (
  UPDATE job j SET state = $1::jsonb ->> j.state, changed_at = now(),
         deadline = CASE $1::jsonb ->> j.state
           WHEN 'QUEUED' THEN now() + $2 * interval '1 ms' END
    FROM ended e WHERE j.id = e.id AND $1::jsonb ? j.state AND j.deadline < now()
  RETURNING j.id, j.state),
forgotten AS (
  SELECT id FROM job WHERE state = 'QUEUED' AND deadline < now()
   ORDER BY deadline LIMIT 500 FOR UPDATE SKIP LOCKED),
waiting AS (
  UPDATE job j SET deadline = now() + $2 * interval '1 ms'
    FROM forgotten f WHERE j.id = f.id AND j.state = 'QUEUED'
  RETURNING j.id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'flash', 'flash-' || id || '-' || extract(epoch FROM now())::bigint,
         json_build_object('jobId', id)
    FROM (SELECT id FROM moved WHERE state = 'QUEUED' UNION SELECT id FROM waiting) again)
SELECT id AS "jobId", state FROM moved`;

const UNHEARD = `
SELECT DISTINCT station_id FROM job
 WHERE state = 'OFFERED' AND changed_at < now() - $1 * interval '1 ms' LIMIT 500`;

interface FactsRow {
  readonly state: JobState;
  readonly epoch: number;
  readonly order_open: boolean;
  readonly number: string;
  readonly quantity: number;
  readonly used: number;
  readonly version: string;
  readonly release_state: string;
  readonly expired: boolean;
  readonly product: string;
  readonly allow_virtual: boolean;
  readonly attempt_id: string | null;
  readonly quarantined: boolean;
}

/** Which state a lease that ran out leads to; one event for each state that has a deadline. */
const ENDED = JSON.stringify({
  ...movesOf("offer-expired"),
  ...movesOf("lease-expired"),
  ...movesOf("lease-lost"),
});

export function leaseRepository(db: Database): LeaseRepository {
  return {
    async facts(stationId, jobId, hostKey) {
      const [row] = await db.sql.query<FactsRow>(FACTS, [
        jobId,
        stationId,
        hostKey === null ? null : plainText(hostKey),
      ]);
      if (row === undefined) return null;
      return {
        state: row.state,
        epoch: row.epoch,
        attemptId: row.attempt_id,
        orderOpen: row.order_open,
        order: { number: row.number, quantity: row.quantity, used: row.used },
        release: { version: row.version, state: row.release_state, expired: row.expired },
        product: row.product,
        allowVirtual: row.allow_virtual,
        hostQuarantined: row.quarantined,
      };
    },
    async renew(stationId, jobId, epoch) {
      const [row] = await db.sql.query<{ state: JobState; cancel: boolean }>(RENEW, [
        jobId,
        stationId,
        epoch,
        RUN_MS,
        LEASE_MS,
      ]);
      if (row === undefined) return null;
      return { leaseMs: row.state === "RUNNING" ? RUN_MS : LEASE_MS, cancel: row.cancel };
    },
    async cancel(stationId, jobId, { epoch, code, message }) {
      const moves = JSON.stringify(movesOf("cancel"));
      const values = [jobId, stationId, epoch, moves, plainText(code), plainText(message)];
      return (await db.sql.query(CANCEL, values)).length > 0;
    },
    sweep: () => db.sql.query<Swept>(SWEEP, [ENDED, QUEUED_MS]),
    async unheard() {
      const rows = await db.sql.query<{ station_id: string }>(UNHEARD, [UNHEARD_MS]);
      return rows.map((row) => row.station_id);
    },
  };
}
