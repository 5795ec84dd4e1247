import { FlashlineError, type JobState, type RecipeView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { isUniqueViolation, violatedConstraint } from "../db/errors.ts";
import type { Sql } from "../db/sql.ts";
import { newId } from "../ids.ts";
import { readFacts } from "./facts.repository.ts";
import { COUNTED_SQL, movesOf } from "./moves.ts";
import type { OrderFacts } from "./rules.ts";
import { OFFER_MS, QUEUED_MS } from "./timing.ts";
import { allotNumbers } from "./unit-data.repository.ts";

export interface KnownJob {
  readonly stationId: string;
  readonly serial: string;
  readonly nest: string;
  readonly state: JobState;
}

export interface NewJob {
  readonly jobId: string;
  readonly stationId: string;
  readonly serial: string;
  readonly nestId: string;
  readonly orderId: string;
  readonly productId: string;
  readonly releaseId: string;
  readonly stepId: string;
  readonly unitId: string | null;
  readonly dirty: boolean;
  /** Of the release's recipe. */
  readonly fields: RecipeView["fields"];
}

/** Inside one transaction that holds the lock of the station's work order. */
export interface OrderTransaction {
  job(jobId: string): Promise<KnownJob | null>;
  facts(nest: string, serial: string): Promise<OrderFacts>;
  /**
   * Adds the job, its unit when it is new, the numbers that the unit gets of ranges, and the outbox entry; an UNKNOWN job of
   * the unit becomes SUPERSEDED. Rejects with `preflight.busy`, `preflight.nest_busy`, `values.range_used_up` or
   * `request.conflict` when another transaction was faster.
   */
  add(job: NewJob): Promise<{ readonly superseded: readonly string[] }>;
}

/** What the `flash` queue's worker has to know of a job that it is about to offer. */
export interface OfferFacts {
  readonly stationId: string;
  readonly state: JobState;
  readonly ageMs: number;
  readonly nest: string;
  readonly nestEnabled: boolean;
  readonly orderOpen: boolean;
  readonly order: { readonly number: string; readonly quantity: number; readonly used: number };
  readonly release: {
    readonly version: string;
    readonly state: string;
    readonly expired: boolean;
  };
  readonly enrolled: boolean;
  readonly quarantinedHost: string | null;
}

export interface OrderRepository {
  facts(stationId: string, nest: string, serial: string): Promise<OrderFacts>;
  withOrder<T>(stationId: string, work: (tx: OrderTransaction) => Promise<T>): Promise<T>;
  offerFacts(jobId: string): Promise<OfferFacts | null>;
  /** QUEUED → OFFERED. False when the job was no longer queued. */
  offer(jobId: string): Promise<boolean>;
  /** QUEUED → CANCELLED with the reason. False when the job was no longer queued. */
  refuse(jobId: string, code: string): Promise<boolean>;
}

const JOB = `
SELECT j.station_id AS "stationId", u.serial, n.name AS nest, j.state
  FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id
 WHERE j.id = $1`;

// A pattern's unit may be registered by two stations at once: the second one takes the first one's row.
const UNIT = `
WITH added AS (
  INSERT INTO unit (id, product_id, serial) VALUES ($1, $2, $3)
  ON CONFLICT (product_id, serial) DO UPDATE SET serial = excluded.serial
  RETURNING id)
SELECT id FROM added`;

/** One statement, because the work order is locked meanwhile: the job, what it takes over from, and its outbox entry. */
const ADD = `
WITH superseded AS (
  UPDATE job SET state = $9::jsonb ->> state, deadline = NULL, changed_at = now()
   WHERE unit_id = $2 AND $9::jsonb ? state
  RETURNING id),
added AS (
  INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, dirty,
                   supersedes_id, deadline)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'QUEUED', $8,
          (SELECT id FROM superseded ORDER BY id DESC LIMIT 1), now() + $10 * interval '1 ms')
  RETURNING id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'flash', 'flash-' || id, json_build_object('jobId', id) FROM added)
SELECT id FROM superseded`;

const OFFER_FACTS = `
SELECT j.station_id AS "stationId", j.state, extract(epoch FROM now() - j.created_at)::float8 * 1000 AS age,
       n.name AS nest, n.enabled AS nest_enabled, wo.state = 'open' AS order_open, wo.number,
       wo.quantity, r.version, r.state AS release_state,
       coalesce(r.expires_at <= now(), false) AS expired, s.credential_hash IS NOT NULL AS enrolled,
       (SELECT count(*)::int FROM job o WHERE o.work_order_id = j.work_order_id AND o.id <> j.id
          AND o.state IN (${COUNTED_SQL}) AND o.unit_id <> j.unit_id) AS used,
       CASE WHEN h.verdict = 'QUARANTINED' THEN h.machine || ' ' || h.pci_address END AS quarantined
  FROM job j JOIN nest n ON n.id = j.nest_id JOIN work_order wo ON wo.id = j.work_order_id
  JOIN release r ON r.id = j.release_id JOIN station s ON s.id = j.station_id
  LEFT JOIN LATERAL (SELECT a.host_id FROM attempt a
         WHERE a.station_id = j.station_id AND a.nest_id = j.nest_id
         ORDER BY a.received_at DESC LIMIT 1) latest ON true
  LEFT JOIN host h ON h.id = latest.host_id
 WHERE j.id = $1`;

const MOVE = `
UPDATE job SET state = $2::jsonb ->> state, changed_at = now(), code = coalesce($4, code),
       deadline = now() + $3 * interval '1 ms'
 WHERE id = $1 AND state = 'QUEUED' AND $2::jsonb ? state`;

interface OfferRow {
  readonly stationId: string;
  readonly state: JobState;
  readonly age: number;
  readonly nest: string;
  readonly nest_enabled: boolean;
  readonly order_open: boolean;
  readonly number: string;
  readonly quantity: number;
  readonly used: number;
  readonly version: string;
  readonly release_state: string;
  readonly expired: boolean;
  readonly enrolled: boolean;
  readonly quarantined: string | null;
}

/** Which rule a unique index stands for. */
function takenFrom(error: unknown): unknown {
  if (!isUniqueViolation(error)) return error;
  const options = { cause: error };
  switch (violatedConstraint(error)) {
    case "job_open_unit":
      return new FlashlineError("preflight.busy", undefined, options);
    case "job_open_nest":
      return new FlashlineError("preflight.nest_busy", undefined, options);
    default:
      return new FlashlineError("request.conflict", undefined, options);
  }
}

async function unitIdOf(sql: Sql, job: NewJob): Promise<string> {
  if (job.unitId !== null) return job.unitId;
  const [row] = await sql.query<{ id: string }>(UNIT, [newId(), job.productId, job.serial]);
  if (row === undefined) throw new FlashlineError("server.internal", "The unit was not added.");
  return row.id;
}

function transactionOf(sql: Sql, stationId: string): OrderTransaction {
  return {
    async job(jobId) {
      const [row] = await sql.query<KnownJob>(JOB, [jobId]);
      return row ?? null;
    },
    facts: (nest, serial) => readFacts(sql, stationId, nest, serial),
    async add(job) {
      try {
        const unitId = await unitIdOf(sql, job);
        const superseded = await sql.query<{ id: string }>(ADD, [
          job.jobId,
          unitId,
          job.stationId,
          job.nestId,
          job.orderId,
          job.releaseId,
          job.stepId,
          job.dirty,
          JSON.stringify(movesOf("supersede")),
          QUEUED_MS,
        ]);
        await allotNumbers(sql, job.productId, unitId, job.fields);
        return { superseded: superseded.map(({ id }) => id) };
      } catch (error) {
        throw takenFrom(error);
      }
    },
  };
}

export function orderRepository(db: Database): OrderRepository {
  const move = async (jobId: string, moves: string, deadline: number | null, code: string | null) =>
    (await db.sql.execute(MOVE, [jobId, moves, deadline, code])) > 0;
  return {
    facts: (stationId, nest, serial) => readFacts(db.sql, stationId, nest, serial),
    withOrder: (stationId, work) =>
      db.transaction(async (sql) => {
        // Quota is counted under this lock; NO KEY, so that attempts of the order are not held up.
        await sql.query(
          `SELECT wo.id FROM work_order wo JOIN station s ON s.active_work_order_id = wo.id
            WHERE s.id = $1 FOR NO KEY UPDATE OF wo`,
          [stationId],
        );
        return await work(transactionOf(sql, stationId));
      }),
    async offerFacts(jobId) {
      const [row] = await db.sql.query<OfferRow>(OFFER_FACTS, [jobId]);
      if (row === undefined) return null;
      return {
        stationId: row.stationId,
        state: row.state,
        ageMs: row.age,
        nest: row.nest,
        nestEnabled: row.nest_enabled,
        orderOpen: row.order_open,
        order: { number: row.number, quantity: row.quantity, used: row.used },
        release: { version: row.version, state: row.release_state, expired: row.expired },
        enrolled: row.enrolled,
        quarantinedHost: row.quarantined,
      };
    },
    offer: (jobId) => move(jobId, JSON.stringify(movesOf("dispatch")), OFFER_MS, null),
    refuse: (jobId, code) => move(jobId, JSON.stringify(movesOf("cancel")), null, code),
  };
}
