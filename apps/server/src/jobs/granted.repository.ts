import { type GrantUse, type HostFingerprint, normaliseSerial } from "@flashline/contract";
import { z } from "zod";
import { serviceSql } from "../db/exception.ts";
import { heldSql } from "../db/held.ts";
import { jsonText, plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { allowedSql, failuresSql, scrappedSql } from "../rework/retest-sql.ts";
import { HOST_PARAMETERS, hostSql, hostValues } from "./host-sql.ts";
import { movesOf, OPEN_SQL } from "./moves.ts";
import { unreadableRefusal } from "./rules.ts";

// A unit that was flashed under a grant while the server was away is told of with its result. Its job and its attempt are made then, in the result's
// transaction: the job is UNKNOWN, as one whose station was not heard of, and the result settles it. Locks: the grant, then as for every job the unit, its
// jobs, the attempt's host and the order; numbers of ranges last.

/** What the server found about a unit that was flashed without it. */
export interface UnderGrant {
  /** It would have refused the unit: the result is evidence. */
  readonly isRefused: boolean;
  /** Something else was changed while the station could not hear of it: a person should look. */
  readonly isReviewed: boolean;
}

const Locked = z.object({
  orderId: z.string(),
  releaseId: z.string(),
  productId: z.string(),
  stepId: z.string(),
  place: z.number().nullable(),
  /** The place is one of the grant's, and no unit was told of on it. */
  placeIsFree: z.boolean(),
  /** The grant has ended, and nobody keeps its places any more. */
  hasEnded: z.boolean(),
  /** When the attempt began, never outside of the grant's time. */
  at: z.date(),
  isLate: z.boolean(),
  isVirtualRefused: z.boolean(),
  /** The release was revoked by then. */
  isRevoked: z.boolean(),
});
const LOCK = statement(
  ["grantId", "stationId", "place", "at", "virtual"],
  Locked,
  `
WITH g AS (SELECT * FROM offline_grant WHERE id = :grantId AND station_id = :stationId FOR UPDATE)
SELECT g.work_order_id AS "orderId", g.release_id AS "releaseId", wo.product_id AS "productId", wo.step_id AS "stepId",
       CASE WHEN f.free THEN :place::int END AS place, f.free AS "placeIsFree", g.ended_at IS NOT NULL AS "hasEnded",
       greatest(g.given_at, least(:at::timestamptz, g.until, now())) AS at, :at::timestamptz > g.until AS "isLate",
       :virtual::boolean AND NOT p.allow_virtual AS "isVirtualRefused",
       coalesce(r.revoked_at <= :at::timestamptz, false) AS "isRevoked"
  FROM g JOIN work_order wo ON wo.id = g.work_order_id JOIN product p ON p.id = wo.product_id JOIN release r ON r.id = g.release_id
 CROSS JOIN LATERAL (SELECT :place::int <= g.units AND NOT EXISTS (SELECT FROM job j WHERE j.grant_id = g.id AND j.grant_place = :place::int) AS free) f`,
);

const TAKEN = statement(
  ["jobId", "attemptId"],
  z.object({ taken: z.boolean() }),
  "SELECT EXISTS (SELECT FROM attempt WHERE id = :attemptId) OR EXISTS (SELECT FROM job WHERE id = :jobId) AS taken",
);

const REGISTER = statement(
  ["id", "productId", "serial"],
  z.object({ id: z.string() }),
  `
INSERT INTO unit (id, product_id, serial) VALUES (:id::uuid, :productId::uuid, :serial)
ON CONFLICT (product_id, serial) DO UPDATE SET serial = excluded.serial RETURNING id`,
);

/** What a unit may have against it that its station could not know. Its own station's open jobs are orders whose answer was lost: they are given back. */
const AGAINST = statement(
  ["unitId", "stationId", "stepId", "releaseId", "orderId", "at"],
  z.object({ refused: z.boolean(), reviewed: z.boolean() }),
  `
SELECT EXISTS (SELECT FROM job j WHERE j.unit_id = u.id AND j.step_id = :stepId::uuid AND j.state = 'PASSED'
           AND (j.release_id = :releaseId::uuid OR NOT ${serviceSql("j")}))
    OR EXISTS (SELECT FROM job j WHERE j.unit_id = u.id AND j.station_id <> :stationId::uuid AND j.state IN (${OPEN_SQL}))
    OR ${scrappedSql("u.id")}
    OR EXISTS (SELECT ${heldSql(["u.id", "u.product_id"], "u")} AND hold.set_at <= :at::timestamptz) AS refused,
       EXISTS (SELECT ${heldSql(["s.line_id", "s.id"])} AND hold.set_at <= :at::timestamptz)
    OR EXISTS (SELECT FROM work_order listed WHERE listed.id = u.work_order_id AND listed.id <> :orderId::uuid AND listed.state = 'open')
    OR ${failuresSql("u.id", ":stepId::uuid")} >= ${allowedSql("u.id", "p.retest_limit")} AS reviewed
  FROM unit u JOIN product p ON p.id = u.product_id JOIN station s ON s.id = :stationId::uuid WHERE u.id = :unitId::uuid`,
);

/** A nest that its agent does not name any more is known by its name. */
const NEST = statement(
  ["id", "stationId", "name"],
  z.object({ id: z.string() }),
  `
WITH known AS (SELECT id FROM nest WHERE station_id = :stationId AND name = :name),
added AS (
  INSERT INTO nest (id, station_id, name, port_path) SELECT :id::uuid, :stationId::uuid, :name, 'was ' || :id::text WHERE NOT EXISTS (SELECT FROM known)
  ON CONFLICT (station_id, name) DO UPDATE SET name = excluded.name RETURNING id)
SELECT id FROM known UNION ALL SELECT id FROM added`,
);

const ADD = statement(
  [
    ...HOST_PARAMETERS,
    ...[
      "jobId",
      "attemptId",
      "unitId",
      "stationId",
      "nestId",
      "orderId",
      "releaseId",
      "stepId",
      "grantId",
    ],
    ...["place", "at", "moves", "epoch", "portPath", "hubs", ...ORIGIN_PARAMETERS],
  ],
  z.object({ id: z.string() }),
  `
WITH superseded AS (
  UPDATE job SET state = :moves::jsonb ->> state, deadline = NULL, changed_at = now()
   WHERE unit_id = :unitId::uuid AND :moves::jsonb ? state AND created_at < :at::timestamptz
  RETURNING id),
recorded AS (${eventSql("job.superseded", "superseded s", {
    subjectId: "s.id",
    subjectName: "(SELECT serial FROM unit WHERE id = :unitId::uuid)",
    data: `jsonb_build_object('jobId', :jobId::uuid)`,
  })}),
made AS (
  INSERT INTO job (id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, state, epoch, dirty, supersedes_id, grant_id, grant_place, created_at)
  VALUES (:jobId::uuid, :unitId::uuid, :stationId::uuid, :nestId::uuid, :orderId::uuid, :releaseId::uuid, :stepId::uuid, 'UNKNOWN', :epoch::int, true,
          (SELECT id FROM superseded ORDER BY id DESC LIMIT 1), :grantId::uuid, :place::int, :at::timestamptz)
  RETURNING *),
${hostSql("made")},
begun AS (
  INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id, host_id, epoch, virtual, offline, port_path, hubs, accepted_at)
  SELECT :attemptId::uuid, m.id, m.unit_id, m.station_id, m.nest_id, m.work_order_id, m.release_id, m.step_id, place.id, m.epoch, :virtual::boolean, true,
         :portPath, :hubs::jsonb, :at::timestamptz
    FROM made m, place
  RETURNING id, host_id),
told AS (${eventSql(
    "attempt.started",
    `begun b, made m JOIN unit u ON u.id = m.unit_id JOIN nest n ON n.id = m.nest_id JOIN release r ON r.id = m.release_id
    JOIN product p ON p.id = r.product_id JOIN work_order wo ON wo.id = m.work_order_id`,
    {
      subjectId: "b.id",
      subjectName: "u.serial",
      data: `jsonb_build_object('jobId', m.id, 'product', p.name, 'version', r.version, 'order', wo.number, 'station', :whoName::text,
         'nest', n.name, 'hostId', b.host_id, 'virtual', :virtual::boolean, 'operator', NULL)`,
    },
  )})
SELECT id FROM begun`,
);

const USE_PLACE = statement(
  ["grantId"],
  z.object({}),
  "UPDATE offline_grant SET used = used + 1 WHERE id = :grantId::uuid AND used < units",
);

/** With the unit's own place. Its job's row has locked the order: who came at the same time is counted, or waits and counts this one. */
const IS_OVER = statement(
  ["orderId"],
  z.object({ over: z.boolean() }),
  "SELECT used + reserved > quantity AS over FROM work_order WHERE id = :orderId::uuid",
);

/** The unit holds these now, whatever it had before. A number leaves the grant with its unit, and is given to no other one. */
const NUMBERS = statement(
  ["grantId", "place", "unitId"],
  z.object({}),
  `
WITH taken AS (DELETE FROM grant_number WHERE grant_id = :grantId::uuid AND place = :place::int RETURNING product_id, name, value)
INSERT INTO unit_number AS n (unit_id, product_id, name, value) SELECT :unitId::uuid, product_id, name, value FROM taken
ON CONFLICT (unit_id, name) DO UPDATE SET value = excluded.value, allotted_at = now()`,
);

/** The first and only lease of a job that the server did not lease. */
const EPOCH = 1;

export interface GrantedUnit {
  readonly use: GrantUse;
  readonly jobId: string;
  readonly attemptId: string;
  readonly stationId: string;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
  readonly by: Origin;
}

/**
 * Makes unit, job and attempt of a result that tells of a grant of this station. Undefined, and nothing is changed, where it has none such, or where job or
 * attempt are there already. Call in the result's transaction.
 */
export async function addGranted(
  sql: Sql,
  { use, jobId, attemptId, stationId, host, virtual, by }: GrantedUnit,
): Promise<UnderGrant | undefined> {
  const serial = normaliseSerial(use.serial);
  if (unreadableRefusal(serial) !== null) return undefined;
  const { id: grantId, place: asked, at: told } = use;
  const grant = await sql.row(LOCK, { grantId, stationId, place: asked, at: told, virtual });
  if (grant === undefined) return undefined;
  // The same result may come twice at once: the second one waited for the grant.
  const before = await sql.row(TAKEN, { jobId, attemptId });
  if (before?.taken !== false) return undefined;
  const { orderId, releaseId, productId, stepId, place, at } = grant;
  const unit = await sql.row(REGISTER, { id: newId(), productId, serial });
  const nest = await sql.row(NEST, { id: newId(), stationId, name: plainText(use.nest) });
  if (unit === undefined || nest === undefined) return undefined;
  const ids = { stationId, stepId, releaseId, orderId, unitId: unit.id };
  const against = await sql.row(AGAINST, { ...ids, at });
  await sql.row(ADD, {
    ...hostValues(host, virtual),
    ...originValues(by),
    ...ids,
    jobId,
    attemptId,
    grantId,
    place,
    at,
    nestId: nest.id,
    epoch: EPOCH,
    moves: JSON.stringify(movesOf("supersede")),
    portPath: plainText(host.portPath),
    hubs: jsonText(host.hubs),
  });
  if (place !== null) {
    await sql.row(USE_PLACE, { grantId });
    await sql.row(NUMBERS, { grantId, place, unitId: unit.id });
  }
  const hasNoRoom = grant.hasEnded && (await sql.row(IS_OVER, { orderId }))?.over === true;
  const isBroken = !grant.placeIsFree || hasNoRoom || grant.isLate || grant.isVirtualRefused;
  return {
    isRefused: isBroken || against?.refused === true,
    isReviewed: grant.isRevoked || against?.reviewed === true,
  };
}
