import {
  type Code,
  type Contradiction,
  HostFingerprint,
  JobState,
  SerialRule,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { serviceSql } from "../db/exception.ts";
import { jsonText } from "../db/json-text.ts";
import { operatorSql } from "../db/operator.ts";
import type { Sql } from "../db/sql.ts";
import { checkedSql, statement } from "../db/statement.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import type { AttemptFacts } from "./contradictions.ts";
import { addGranted, type GrantedUnit } from "./granted.repository.ts";
import { HOST_PARAMETERS, hostSql, hostValues } from "./host-sql.ts";
import { holdMixedUp } from "./mixed-up.ts";
import type { Moves } from "./moves.ts";

// A result: two statements in one transaction. The unit is locked before the job, the job before its attempt and its host.

/** One result at a time for a unit: which attempt was its first is decided under this lock. */
const LOCK_UNIT = statement(
  ["attemptId", "stationId"],
  z.object({
    jobId: z.string(),
    manifestSha256: z.string(),
    keyId: z.string(),
    images: z.array(z.string()),
    virtual: z.boolean(),
    machine: z.string().nullable(),
    serial: z.string(),
    shownSerial: SerialRule.nullable(),
  }),
  `
SELECT a.job_id AS "jobId", r.manifest_sha256 AS "manifestSha256", r.key_id AS "keyId", a.virtual,
       s.machine, u.serial, r.recipe -> 'shownSerial' AS "shownSerial", ARRAY(SELECT image_sha256 FROM release_image WHERE release_id = r.id) AS images
  FROM unit u JOIN attempt a ON a.unit_id = u.id
  JOIN release r ON r.id = a.release_id JOIN station s ON s.id = a.station_id
 WHERE a.id = :attemptId AND ${checkedSql("a.station_id = :stationId")} FOR NO KEY UPDATE OF u`,
);

const STARTED = statement(
  ["attemptId", "stationId"],
  z.object({
    jobId: z.string(),
    epoch: z.number(),
    virtual: z.boolean(),
    host: HostFingerprint,
    imageSha256: z.array(z.string()),
    manifestSha256: z.string(),
    keyId: z.string(),
  }),
  `
SELECT a.job_id AS "jobId", a.epoch, a.virtual, h.fingerprint AS host, r.manifest_sha256 AS "manifestSha256",
       r.key_id AS "keyId", ARRAY(SELECT image_sha256 FROM release_image WHERE release_id = r.id) AS "imageSha256"
  FROM attempt a JOIN host h ON h.id = a.host_id JOIN release r ON r.id = a.release_id
 WHERE a.id = :attemptId AND ${checkedSql("a.station_id = :stationId")}`,
);
/** What the server itself wrote down when an attempt was started. */
export type StartedAttempt = z.output<typeof STARTED.row>;

/** Who was logged in, as the body says, where that is somebody who may work there. The start said so before, and is believed first. */
const OPERATOR = operatorSql("v.operator", "s");
/**
 * `epoch` is the body's. The job is as `target` locked it: whoever moved it a moment before is waited for there. `moved` must not ask for its
 * state again, because it would ask the row that the statement saw first.
 */
const RESULT = statement(
  [
    ...HOST_PARAMETERS,
    "attemptId",
    "stationId",
    "epoch",
    "moves",
    "sha256",
    "fields",
    "body",
    "counts",
    "contradictions",
    ...ORIGIN_PARAMETERS,
  ],
  z.object({
    before: z.string().nullable(),
    late: z.boolean(),
    jobId: z.string(),
    jobState: z.enum(JobState),
    serial: z.string(),
    displaces: z.string().nullable(),
  }),
  `
WITH target AS (
  SELECT a.id, a.job_id, a.unit_id, a.step_id, a.body_sha256, a.late, a.accepted_at, a.epoch,
         j.state, j.epoch AS job_epoch, j.work_order_id, j.release_id, j.nest_id, :moves::jsonb ->> j.state AS next
    FROM attempt a JOIN job j ON j.id = a.job_id
   WHERE a.id = :attemptId AND ${checkedSql("a.station_id = :stationId")}
     FOR UPDATE OF j),
fresh AS (
  SELECT t.*, coalesce(next IS NOT NULL AND epoch = job_epoch AND :epoch::bigint = job_epoch, false) AS settles
    FROM target t WHERE body_sha256 IS NULL),
${hostSql("fresh")},
moved AS (
  UPDATE job j SET state = f.next, deadline = NULL, changed_at = now(), code = f2.code
    FROM fresh f, jsonb_to_record(:fields::jsonb) AS f2(code text)
   WHERE f.settles AND j.id = f.job_id
  RETURNING j.id, j.state, j.exception_id, j.release_id),
other AS (
  SELECT o.id, o.accepted_at FROM attempt o JOIN fresh f
      ON o.unit_id = f.unit_id AND o.step_id = f.step_id AND o.id <> f.id WHERE o.first),
stored AS (
  UPDATE attempt a
     SET outcome = v.outcome, code = v.code, blame = v.blame, phase = v.phase, address = v.address,
         detail = v.detail, touched = v.touched, link_incident = v."linkIncident",
         incidents = v.incidents, profile = v.profile, start_profile = v."startProfile",
         bytes = v.bytes, duration_ms = v."durationMs", phase_ms = v."phaseMs",
         erased_sectors = v."erasedSectors", skipped_sectors = v."skippedSectors", chip = v.chip,
         chip_match = v."chipMatch", chip_evidence = v."chipEvidence", port_path = v."portPath",
         hubs = v.hubs, virtual = v.virtual, offline = v.offline, usb_serial = v."usbSerial",
         agent_version = v."agentVersion", patch = v.patch, started_at = v."startedAt",
         finished_at = v."finishedAt", received_at = now(),
         skew_ms = extract(epoch FROM now() - v."reportedAt") * 1000,
         review = v.review OR v.operator IS NOT NULL AND v.operator IS DISTINCT FROM coalesce(a.operator_id, ${OPERATOR}),
         late = NOT f.settles OR cardinality(:contradictions::text[]) > 0,
         contradictions = :contradictions::text[], first = :counts::boolean AND NOT EXISTS (SELECT 1 FROM other),
         host_id = CASE WHEN :contradictions::text[] && ARRAY['host', 'virtual', 'form'] THEN a.host_id ELSE place.id END,
         operator_id = coalesce(a.operator_id, ${OPERATOR}), body = :body::bytea, body_sha256 = :sha256
    FROM fresh f, place, station s, jsonb_to_record(:fields::jsonb) AS v(
         outcome text, code text, blame text, phase text, address bigint, detail text,
         touched boolean, "linkIncident" boolean, incidents jsonb, profile text,
         "startProfile" text, bytes int, "durationMs" float8, "phaseMs" jsonb,
         "erasedSectors" int, "skippedSectors" int, chip text, "chipMatch" text,
         "chipEvidence" jsonb, "portPath" text, hubs jsonb, virtual boolean, offline boolean,
         "usbSerial" text, "agentVersion" text, patch jsonb, "startedAt" timestamptz,
         "finishedAt" timestamptz, "reportedAt" timestamptz, review boolean, operator uuid)
   WHERE a.id = f.id AND s.id = a.station_id AND a.body_sha256 IS NULL
  RETURNING a.*),
displaced AS (SELECT o.id FROM other o, fresh f WHERE :counts::boolean AND o.accepted_at > f.accepted_at),
forgotten AS (
  DELETE FROM unit_secret s USING moved m, target t WHERE m.state = 'PASSED' AND NOT ${serviceSql("m")} AND s.unit_id = t.unit_id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'insight', 'attempt-' || id, json_build_object('attemptId', id) FROM stored),
recorded AS (${eventSql(
    "attempt.finished",
    `stored s JOIN target t ON t.id = s.id JOIN place ON true LEFT JOIN moved m ON true
    JOIN unit u ON u.id = t.unit_id JOIN product p ON p.id = u.product_id JOIN release r ON r.id = t.release_id
    JOIN work_order wo ON wo.id = t.work_order_id JOIN nest n ON n.id = t.nest_id`,
    {
      kind: `CASE WHEN s.contradictions <> '{}' THEN 'result.contradicted' WHEN s.late THEN 'result.late' ELSE 'attempt.finished' END`,
      subjectId: "s.id",
      subjectName: "u.serial",
      data: `jsonb_build_object('jobId', t.job_id, 'product', p.name, 'version', r.version, 'order', wo.number, 'station', :whoName::text,
         'nest', n.name, 'hostId', place.id, 'virtual', s.virtual, 'outcome', s.outcome, 'code', s.code, 'blame', s.blame, 'phase', s.phase,
         'touched', s.touched, 'first', s.first OR EXISTS (SELECT FROM displaced), 'displaces', (SELECT id FROM displaced),
         'linkIncident', s.link_incident, 'offline', s.offline, 'review', s.review, 'durationMs', s.duration_ms, 'jobBefore', t.state,
         'jobState', coalesce(m.state, t.state), 'contradictions', s.contradictions, 'operator', s.operator_id)`,
    },
  )})
SELECT t.body_sha256 AS before, coalesce(s.late, t.late) AS late,
       t.job_id AS "jobId", coalesce(m.state, t.state) AS "jobState", u.serial,
       (SELECT id FROM displaced) AS displaces
  FROM target t JOIN unit u ON u.id = t.unit_id
  LEFT JOIN stored s ON true LEFT JOIN moved m ON true`,
);

/** Which attempt's address a result came to, and who sent it. */
export interface ReportedAttempt {
  readonly attemptId: string;
  readonly stationId: string;
  readonly by: Origin;
}

export interface ResultInput {
  readonly attemptId: string;
  readonly stationId: string;
  readonly epoch: number;
  /** Where it says to have been made under a grant. */
  readonly granted: Pick<GrantedUnit, "use" | "jobId"> | null;
  /** What the result comes to, once it is known what the job is about. */
  readonly judge: (facts: AttemptFacts) => JudgedResult;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
  readonly sha256: string;
  readonly body: Buffer;
  readonly by: Origin;
}

export interface JudgedResult {
  /** Where the result takes its job. */
  readonly moves: Moves;
  /** Columns by the contract's names. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The attempt may be its unit's first. */
  readonly counts: boolean;
  readonly contradictions: readonly Contradiction[];
  /** Serial of another unit of the product that was in the nest; null: none is known. */
  readonly mixedUp: string | null;
}

export interface StoredResult {
  /** SHA-256 of the body that was stored earlier; null when this one is the first. */
  readonly before: string | null;
  readonly late: boolean;
  readonly jobId: string;
  readonly jobState: JobState;
  readonly serial: string;
  /** What this result was found to contradict. */
  readonly contradictions: readonly Contradiction[];
}

export interface ResultRepository {
  /** Null: no job was started with this attempt at this station. */
  store(input: ResultInput): Promise<StoredResult | null>;
  /** Notes that a result was refused for good; the same bytes again are not noted again. */
  refused(of: ReportedAttempt, code: Code, sha256: string): Promise<void>;
  /** Null: this station started no such attempt. */
  started(attemptId: string, stationId: string): Promise<StartedAttempt | null>;
}

/** The attempt as it was started, or as a result under a grant tells of it for the first time. */
async function factsOf(sql: Sql, input: ResultInput): Promise<AttemptFacts | null> {
  const { granted } = input;
  const look = () => sql.row(LOCK_UNIT, { attemptId: input.attemptId, stationId: input.stationId });
  const known = await look();
  if (known !== undefined) return { ...known, underGrant: null };
  if (granted === null) return null;
  const underGrant = (await addGranted(sql, { ...input, ...granted })) ?? null;
  const told = await look();
  return told === undefined ? null : { ...told, underGrant };
}

async function store(sql: Sql, input: ResultInput): Promise<StoredResult | null> {
  const { attemptId, stationId, epoch, sha256, body } = input;
  const facts = await factsOf(sql, input);
  if (facts === null) return null;
  const { moves, fields, counts, contradictions, mixedUp } = input.judge(facts);
  const row = await sql.row(RESULT, {
    ...hostValues(input.host, input.virtual),
    ...originValues(input.by),
    attemptId,
    stationId,
    epoch,
    moves: JSON.stringify(moves),
    sha256,
    fields: jsonText(fields),
    body,
    counts,
    contradictions,
  });
  if (row === undefined) return null;
  const { displaces, ...stored } = row;
  if (stored.before === null && displaces !== null) {
    // An earlier attempt reports after a later one did: the unit's first try was this one.
    await sql.execute("UPDATE attempt SET first = false WHERE id = $1", [displaces]);
    await sql.execute("UPDATE attempt SET first = true WHERE id = $1", [input.attemptId]);
  }
  if (stored.before === null && mixedUp !== null) await holdMixedUp(sql, attemptId, mixedUp);
  return { ...stored, contradictions };
}

/** The same bytes may come twice at once: the second one waits, and finds the first one's note. */
const REFUSE_ONCE = statement(
  ["attemptId", "sha256"],
  z.object({}),
  "SELECT pg_advisory_xact_lock(hashtextextended(:attemptId::text || :sha256::text, 0))",
);
const REFUSED_BEFORE = statement(
  ["attemptId", "sha256"],
  z.object({ found: z.boolean() }),
  `
SELECT EXISTS (SELECT FROM ledger_open WHERE kind = 'result.refused' AND subject_id = :attemptId AND data ->> 'sha256' = :sha256)
    OR EXISTS (SELECT FROM ledger WHERE subject_kind = 'attempt' AND subject_id = :attemptId
                  AND kind = 'result.refused' AND data ->> 'sha256' = :sha256) AS found`,
);

async function noteRefused(
  sql: Sql,
  { attemptId, by }: ReportedAttempt,
  code: Code,
  sha256: string,
): Promise<void> {
  await sql.row(REFUSE_ONCE, { attemptId, sha256 });
  const before = await sql.row(REFUSED_BEFORE, { attemptId, sha256 });
  if (before?.found === true) return;
  const subject = { id: attemptId };
  await recordEvent(sql, { kind: "result.refused", by, subject, data: { code, sha256 } });
}

export function resultRepository(db: Database): ResultRepository {
  return {
    store: (input) => db.transaction((sql) => store(sql, input)),
    refused: (of, code, sha256) => db.transaction((sql) => noteRefused(sql, of, code, sha256)),
    started: async (attemptId, stationId) =>
      (await db.sql.row(STARTED, { attemptId, stationId })) ?? null,
  };
}
