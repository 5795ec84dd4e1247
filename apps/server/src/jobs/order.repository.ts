import { type Code, FlashlineError, type RecipeView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { isUniqueViolation, violatedConstraint } from "../db/errors.ts";
import { serviceSql } from "../db/exception.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { scrappedSql } from "../rework/retest-sql.ts";
import { readFacts, type ScanFacts } from "./facts.repository.ts";
import { movesOf } from "./moves.ts";
import { QUEUED_MS } from "./timing.ts";
import { allotNumbers } from "./unit-data.repository.ts";
import { neededRanges } from "./unit-data.ts";

export interface NewJob {
  readonly jobId: string;
  readonly stationId: string;
  readonly serial: string;
  readonly nestId: string;
  readonly orderId: string;
  readonly productId: string;
  readonly releaseId: string;
  /** Under which the unit may have the release; null where it needs none. */
  readonly exceptionId: string | null;
  readonly stepId: string;
  readonly unitId: string | null;
  readonly dirty: boolean;
  /** Of the release's recipe. */
  readonly fields: RecipeView["fields"];
  readonly by: Origin;
}

/** `operator`: id of who is logged in there. */
export interface AskedScan {
  readonly serial: string;
  readonly nest: string;
  readonly jobId?: string | undefined;
  readonly operator?: string | null | undefined;
}

export interface Added {
  readonly superseded: readonly string[];
  /** The job's entry in the outbox. */
  readonly entryId: string;
}

export interface OrderRepository {
  /** Without `jobId` no job is asked for. */
  facts(stationId: string, scan: AskedScan): Promise<ScanFacts>;
  /**
   * Adds the job, its unit when it is new, the numbers that the unit gets of ranges, and the outbox entry, in one transaction; an
   * UNKNOWN job of the unit becomes SUPERSEDED. Rejects with {@link ForestalledError} when another one was faster since the facts
   * were read, and with `values.range_used_up`.
   */
  add(job: NewJob): Promise<Added>;
}

/** SQL: a job by which the unit has passed the step. */
const doneSql = (unit: string): string => `SELECT 1 FROM job done
     WHERE done.unit_id = ${unit} AND done.step_id = :stepId::uuid AND done.state = 'PASSED'
       AND (done.release_id = :releaseId::uuid OR NOT ${serviceSql("done")})`;

/**
 * What is wanted no more, because the order was closed since the facts were read, changes nothing: neither is the unit registered nor its
 * UNKNOWN job superseded. A unit that another station registered meanwhile is looked at once more.
 *
 * Rows are locked in this order: the unit, its jobs, a canary and the order (by triggers). A pattern's unit may be registered by
 * two stations at once: the second one takes the first one's row, and then finds its job in the way. `unitId` is null for a new
 * unit, which gets `newUnitId`.
 */
const ADD = statement(
  [
    ...["jobId", "unitId", "newUnitId", "productId", "serial", "stationId", "nestId"],
    ...["orderId", "releaseId", "exceptionId", "stepId", "dirty", "moves", "queuedMs"],
    ...ORIGIN_PARAMETERS,
  ],
  z.object({ unitId: z.string(), superseded: z.array(z.string()), entryId: z.string() }),
  `
WITH wanted AS (
  SELECT WHERE EXISTS (SELECT 1 FROM station_order so WHERE so.station_id = :stationId::uuid AND so.work_order_id = :orderId::uuid)
     AND NOT EXISTS (${doneSql(":unitId::uuid")}) AND NOT ${scrappedSql(":unitId::uuid")}),
registered AS (
  INSERT INTO unit (id, product_id, serial) SELECT :newUnitId::uuid, :productId::uuid, :serial
    FROM wanted WHERE :unitId::uuid IS NULL
  ON CONFLICT (product_id, serial) DO UPDATE SET serial = excluded.serial
  RETURNING id),
one AS (SELECT coalesce(:unitId::uuid, (SELECT id FROM registered)) AS id FROM wanted),
superseded AS (
  UPDATE job SET state = :moves::jsonb ->> state, deadline = NULL, changed_at = now()
    FROM wanted WHERE unit_id = :unitId::uuid AND :moves::jsonb ? state
  RETURNING id),
recorded AS (${eventSql("job.superseded", "superseded s", {
    subjectId: "s.id",
    subjectName: ":serial",
    data: `jsonb_build_object('jobId', :jobId::uuid)`,
  })}),
added AS (
  INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, exception_id, step_id, state, dirty,
                   supersedes_id, deadline)
  SELECT :jobId::uuid, one.id, :stationId::uuid, :nestId::uuid, :orderId::uuid, :releaseId::uuid,
         :exceptionId::uuid, :stepId::uuid, 'QUEUED', :dirty::boolean,
         (SELECT id FROM superseded ORDER BY id DESC LIMIT 1), now() + :queuedMs * interval '1 ms'
    FROM one WHERE NOT EXISTS (${doneSql("one.id")}) AND NOT ${scrappedSql("one.id")}
  RETURNING id, unit_id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'flash', 'flash-' || id, json_build_object('jobId', id) FROM added
  RETURNING id)
SELECT a.unit_id AS "unitId", ARRAY(SELECT id FROM superseded) AS superseded, told.id::text AS "entryId" FROM added a, told`,
);

/** Another job or station was faster than this one. */
export class ForestalledError extends FlashlineError {}

/** Which rule a constraint stands for. */
function takenFrom(error: unknown): unknown {
  const taken = (code: Code) => new ForestalledError(code, undefined, { cause: error });
  const constraint = violatedConstraint(error);
  if (constraint === "work_order_quantity") return taken("preflight.quota_reached");
  // Paused, elsewhere or without a place since the facts were read: they are read again, and the unit gets what its order names.
  if (constraint === "canary_changed") return taken("release.canary_paused");
  // Closed, or with another release since the facts were read: they are read again.
  if (constraint === "work_order_changed") return taken("preflight.no_work_order");
  if (!isUniqueViolation(error)) return error;
  switch (constraint) {
    case "job_open_unit":
      return taken("preflight.busy");
    case "job_open_nest":
      return taken("preflight.nest_busy");
    default:
      return taken("request.conflict");
  }
}

async function addOn(sql: Sql, job: NewJob): Promise<Added> {
  const { fields, by, ...values } = job;
  const added = await sql
    .row(ADD, {
      ...values,
      ...originValues(by),
      newUnitId: newId(),
      moves: JSON.stringify(movesOf("supersede")),
      queuedMs: QUEUED_MS,
    })
    .catch((error: unknown) => {
      throw takenFrom(error);
    });
  if (added === undefined) throw new ForestalledError("preflight.already_passed");
  await allotNumbers(sql, job.productId, added.unitId, fields);
  return { superseded: added.superseded, entryId: added.entryId };
}

export function orderRepository(db: Database): OrderRepository {
  return {
    async facts(stationId, { serial, nest, jobId = null, operator = null }) {
      return await readFacts(db.sql, { stationId, nest, serial, jobId, operator });
    },
    add: (job) =>
      neededRanges(job.fields).length === 0
        ? addOn(db.sql, job)
        : db.transaction((sql) => addOn(sql, job)),
  };
}
