import type { CanaryEvidence } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { type Evidence, eValue, NO_EVIDENCE, PAUSE_AT } from "./evidence.ts";

/** `waiting`: units with a result that are in no block yet. */
export const evidenceView = (
  evidence: Omit<Evidence, "blocks">,
  waiting: number,
): CanaryEvidence => ({
  units: evidence.units,
  failed: evidence.failed,
  predecessorUnits: evidence.others,
  predecessorFailed: evidence.othersFailed,
  beside: evidence.beside,
  expected: evidence.expected,
  value: eValue(evidence),
  pauseAt: PAUSE_AT,
  waiting,
});

const Candidate = z.object({
  id: z.string(),
  product: z.string(),
  version: z.string(),
  state: z.string(),
  predecessorId: z.string().nullable(),
  predecessor: z.string().nullable(),
});
/**
 * SQL: the id of what a canary stands in for: the release with this version, or with the highest counter below where that is null. A release that
 * may not be started is not taken.
 */
export const standsInForSql = (release: string, version: string): string => `(
    SELECT b.id FROM release b
     WHERE b.product_id = ${release}.product_id AND b.counter < ${release}.counter AND b.state = 'released'
       AND (b.expires_at IS NULL OR b.expires_at > now()) AND (${version}::text IS NULL OR b.version = ${version})
     ORDER BY b.counter DESC LIMIT 1)`;
const CANDIDATE = statement(
  ["id", "version"],
  Candidate,
  `
SELECT r.id, p.name AS product, r.version, r.state, before.id AS "predecessorId", before.version AS predecessor
  FROM release r JOIN product p ON p.id = r.product_id
  LEFT JOIN release before ON before.id = ${standsInForSql("r", ":version")}
 WHERE r.id = :id FOR NO KEY UPDATE OF r`,
);
/** A release with its row locked, and what comes before it. */
export const lockCandidate = (sql: Sql, id: string, version: string | undefined) =>
  sql.row(CANDIDATE, { id, version: version ?? null });

const STATIONS = statement(
  ["names"],
  z.object({ id: z.string(), name: z.string() }),
  "SELECT id, name FROM station WHERE name = ANY(:names::text[]) ORDER BY name",
);
export const stationsNamed = (sql: Sql, names: readonly string[]) =>
  sql.rows(STATIONS, { names: [...names] });

/** How a canary's evidence is read: {@link evidenceView} makes a view of it. */
export const EvidenceColumns = z.object({
  judged: z.number(),
  failed: z.number(),
  others: z.number(),
  othersFailed: z.number(),
  beside: z.number(),
  expected: z.number(),
  values: z.array(z.number()),
  waiting: z.number(),
});
const Row = EvidenceColumns.extend({
  releaseId: z.string(),
  product: z.string(),
  version: z.string(),
  state: z.string(),
  predecessor: z.string(),
  stationIds: z.array(z.string()),
  stations: z.array(z.string()),
  units: z.number(),
  used: z.number(),
  reason: z.string(),
  startedBy: z.string(),
});
/** A canary as it is while its row is locked. */
export type CanaryRow = z.infer<typeof Row>;

const LOCK = statement(
  ["id"],
  z.object({}),
  "SELECT FROM canary WHERE release_id = :id FOR NO KEY UPDATE",
);
/** A statement of its own, after the lock: one that waits for a lock reads the other tables as they were before. */
const READ = statement(
  ["id"],
  Row,
  `
SELECT c.release_id AS "releaseId", p.name AS product, r.version, r.state, b.version AS predecessor, c.station_ids AS "stationIds",
       ARRAY(SELECT s.name FROM station s WHERE s.id = ANY(c.station_ids) ORDER BY s.name) AS stations,
       c.units, c.used, c.reason, c.started_by AS "startedBy", c.units_judged AS judged, c.units_failed AS failed,
       c.others_judged AS others, c.others_failed AS "othersFailed", c.others_beside AS beside, c.expected, c.evidence AS values,
       (SELECT count(*)::int FROM canary_trial t WHERE t.release_id = c.release_id AND t.is_canary AND t.block IS NULL) AS waiting
  FROM canary c JOIN release r ON r.id = c.release_id JOIN product p ON p.id = r.product_id JOIN release b ON b.id = c.predecessor_id
 WHERE c.release_id = :id`,
);
/**
 * Undefined where the release never was a canary. The row is locked before everything else that a canary's changes lock: who takes a place
 * of it does so too, and then looks at the release's state.
 */
export async function lockCanary(sql: Sql, id: string): Promise<CanaryRow | undefined> {
  return (await sql.row(LOCK, { id })) === undefined ? undefined : await sql.row(READ, { id });
}

const ADD = statement(
  ["releaseId", "predecessorId", "stationIds", "units", "reason", "startedBy", "evidence"],
  z.object({}),
  `
WITH added AS (
  INSERT INTO canary (release_id, predecessor_id, station_ids, units, reason, started_by, evidence)
  VALUES (:releaseId::uuid, :predecessorId::uuid, :stationIds::uuid[], :units::int, :reason, :startedBy, :evidence::float8[]))
UPDATE release SET state = 'canary' WHERE id = :releaseId::uuid`,
);
/** Rejects with a violation of `release_canary_once` where the product has another one. */
export async function addCanary(
  sql: Sql,
  canary: {
    readonly releaseId: string;
    readonly predecessorId: string;
    readonly stationIds: readonly string[];
    readonly units: number;
    readonly reason: string;
    readonly by: Origin;
  },
): Promise<void> {
  const { by, ...values } = canary;
  await sql.rows(ADD, { ...values, startedBy: actorOf(by), evidence: NO_EVIDENCE.values });
}

const PAUSE = statement(
  ["id", "by", "origin", "reason"],
  z.object({}),
  `
WITH paused AS (UPDATE release SET state = 'paused' WHERE id = :id AND state = 'canary' RETURNING id)
UPDATE canary SET paused_by = :by, paused_origin = :origin, paused_reason = :reason, paused_at = now()
  FROM paused WHERE release_id = paused.id`,
);

/** canary → paused, with its event. False where it is no running canary. From the commit on no unit is started with it. */
export async function pauseOn(sql: Sql, id: string, reason: string, by: Origin): Promise<boolean> {
  const canary = await lockCanary(sql, id);
  if (canary?.state !== "canary") return false;
  const origin = by.door === "server" ? "guard" : "person";
  await sql.rows(PAUSE, { id, by: actorOf(by), origin, reason });
  const { product, version, predecessor, used, judged, waiting } = canary;
  await recordEvent(sql, {
    kind: "release.canary-paused",
    by,
    subject: { id, name: `${product} ${version}` },
    before: { state: "canary" },
    after: { state: "paused" },
    reason,
    data: {
      predecessor,
      used,
      origin,
      evidence: evidenceView({ ...canary, units: judged }, waiting),
    },
  });
  return true;
}

const RESUME = statement(
  ["id", "stationIds", "units", "anew", "evidence"],
  z.object({}),
  `
WITH resumed AS (UPDATE release SET state = 'canary' WHERE id = :id::uuid AND state = 'paused'),
forgotten AS (UPDATE canary_trial SET block = 0 WHERE release_id = :id::uuid AND :anew::boolean AND is_canary AND block IS NULL)
UPDATE canary SET station_ids = :stationIds::uuid[], units = :units::int,
       paused_by = NULL, paused_origin = NULL, paused_reason = NULL, paused_at = NULL,
       judged_since = CASE WHEN :anew::boolean THEN now() ELSE judged_since END,
       blocks = CASE WHEN :anew::boolean THEN 0 ELSE blocks END,
       units_judged = CASE WHEN :anew::boolean THEN 0 ELSE units_judged END,
       units_failed = CASE WHEN :anew::boolean THEN 0 ELSE units_failed END,
       others_judged = CASE WHEN :anew::boolean THEN 0 ELSE others_judged END,
       others_beside = CASE WHEN :anew::boolean THEN 0 ELSE others_beside END,
       others_failed = CASE WHEN :anew::boolean THEN 0 ELSE others_failed END,
       expected = CASE WHEN :anew::boolean THEN 0 ELSE expected END,
       evidence = CASE WHEN :anew::boolean THEN :evidence::float8[] ELSE evidence END
 WHERE release_id = :id::uuid`,
);
/** Writes what was decided under the canary's lock. `anew`: what was judged until now counts no more. */
export async function resumeOn(
  sql: Sql,
  id: string,
  to: {
    readonly stationIds: readonly string[];
    readonly units: number;
    readonly anew: boolean;
  },
): Promise<void> {
  await sql.rows(RESUME, { id, ...to, evidence: NO_EVIDENCE.values });
}
