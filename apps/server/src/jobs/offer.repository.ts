import { JobState } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { liftedSql, startableSql } from "../db/exception.ts";
import { firstHeldSql, Held, heldSql } from "../db/held.ts";
import { LOSABLE } from "../db/losable.ts";
import { checkedSql, statement } from "../db/statement.ts";
import { ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import { ofServer } from "../ledger/origin.ts";
import { scrappedSql } from "../rework/retest-sql.ts";
import { jobEventSql } from "./job-event-sql.ts";
import { HOLDABLE, movesOf, usedByOthersSql } from "./moves.ts";
import { RELEASE_FACTS_SQL, ReleaseFacts } from "./release-facts.ts";
import { OFFER_MS, UNSTARTED_MS } from "./timing.ts";

/** What the `flash` queue's worker has to know of a job that it cannot offer as it is. */
export interface OfferFacts {
  readonly stationId: string;
  readonly state: JobState;
  readonly ageMs: number;
  readonly nest: string;
  readonly order: {
    readonly open: boolean;
    readonly number: string;
    readonly quantity: number;
    readonly used: number;
  };
  readonly release: ReleaseFacts;
  readonly enrolled: boolean;
  readonly hold: Held | null;
  readonly scrapped: boolean;
}

/** A job that its order, or the outbox, announced. */
export interface Announced {
  readonly jobId: string;
  /** Of its entry in the outbox, which its offer removes; none where the queue took it from there. */
  readonly entryId?: string;
}

export interface Offered {
  readonly jobId: string;
  readonly stationId: string;
}

export interface OfferRepository {
  facts(jobId: string): Promise<OfferFacts | null>;
  /**
   * QUEUED → OFFERED for those of the jobs to which nothing stands in the way. A power cut within the next second may undo it, entries
   * in the outbox included, unless something was committed after it: see {@link LOSABLE}.
   */
  offer(jobs: readonly Announced[]): Promise<readonly Offered[]>;
  /** QUEUED → CANCELLED with the reason. False when the job was no longer queued. */
  refuse(jobId: string, code: string): Promise<boolean>;
}

const FACTS = statement(
  ["jobId"],
  z.object({
    stationId: z.string(),
    state: z.enum(JobState),
    ageMs: z.number(),
    nest: z.string(),
    order: z.object({
      open: z.boolean(),
      number: z.string(),
      quantity: z.number(),
      used: z.number(),
    }),
    release: ReleaseFacts,
    enrolled: z.boolean(),
    hold: Held.nullable(),
    scrapped: z.boolean(),
  }),
  `
SELECT j.station_id AS "stationId", j.state,
       extract(epoch FROM now() - j.created_at)::float8 * 1000 AS "ageMs",
       n.name AS nest,
       json_build_object('open', wo.state = 'open', 'number', wo.number, 'quantity', wo.quantity,
         'used', ${usedByOthersSql("j.unit_id")}) AS "order",
       ${RELEASE_FACTS_SQL} AS release,
       s.credential_hash IS NOT NULL AS enrolled,
       ${firstHeldSql(HOLDABLE, "u")} AS hold, ${scrappedSql("u.id")} AS scrapped
  FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id JOIN work_order wo ON wo.id = j.work_order_id
  JOIN release r ON r.id = j.release_id JOIN station s ON s.id = j.station_id
 WHERE j.id = :jobId`,
);

/** The same rules as `offerRefusal`, for many jobs at once. A job that one of them may refuse is left to it. */
const OFFER = statement(
  ["jobIds", "entryIds", "moves", "offerMs", "unstartedMs"],
  z.object({ jobId: z.string(), stationId: z.string() }),
  `
WITH picked AS (
  SELECT j.id FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id JOIN work_order wo ON wo.id = j.work_order_id
    JOIN release r ON r.id = j.release_id JOIN station s ON s.id = j.station_id
   WHERE j.id = ANY(:jobIds::uuid[]) AND ${checkedSql("j.state = 'QUEUED'")} AND s.credential_hash IS NOT NULL
     AND j.created_at > now() - :unstartedMs * interval '1 ms'
     AND ${checkedSql("wo.state = 'open'")} AND wo.used + wo.reserved <= wo.quantity
     AND (${startableSql("r")} OR ${liftedSql("j", "r")})
     AND NOT EXISTS (SELECT ${heldSql(HOLDABLE, "u")}) AND NOT ${scrappedSql("u.id")}
   ORDER BY j.id FOR UPDATE OF j),
done AS (
  DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o JOIN picked ON o.key = 'flash-' || picked.id
   WHERE o.id = ANY(:entryIds::bigint[]) FOR UPDATE OF o SKIP LOCKED))
UPDATE job j SET state = :moves::jsonb ->> j.state, changed_at = now(),
       deadline = now() + :offerMs * interval '1 ms'
  FROM picked WHERE j.id = picked.id AND ${checkedSql("j.state = 'QUEUED'")} AND :moves::jsonb ? j.state
RETURNING j.id AS "jobId", j.station_id AS "stationId", ${LOSABLE}`,
);

const REFUSE = statement(
  ["jobId", "moves", "code", ...ORIGIN_PARAMETERS],
  z.object({ jobId: z.string() }),
  `
WITH moved AS (
  UPDATE job SET state = :moves::jsonb ->> state, changed_at = now(), code = :code, deadline = NULL
   WHERE id = :jobId AND state = 'QUEUED' AND :moves::jsonb ? state
  RETURNING *),
told AS (${jobEventSql("job.cancelled", "moved")})
SELECT id AS "jobId" FROM moved`,
);

export function offerRepository({ sql }: Database): OfferRepository {
  const dispatch = JSON.stringify(movesOf("dispatch"));
  const cancel = JSON.stringify(movesOf("cancel"));
  return {
    async facts(jobId) {
      return (await sql.row(FACTS, { jobId })) ?? null;
    },
    offer: (jobs) =>
      sql.rows(OFFER, {
        jobIds: jobs.map(({ jobId }) => jobId),
        entryIds: jobs.flatMap(({ entryId }) => entryId ?? []),
        moves: dispatch,
        offerMs: OFFER_MS,
        unstartedMs: UNSTARTED_MS,
      }),
    async refuse(jobId, code) {
      const by = originValues(ofServer("flash queue"));
      return (await sql.row(REFUSE, { jobId, moves: cancel, code, ...by })) !== undefined;
    },
  };
}
