import {
  type Contradiction,
  type HostFingerprint,
  hostKey,
  type JobState,
  type LeasedJob,
  type RecipeView,
} from "@flashline/contract";
import { appendAudit } from "../db/audit.ts";
import type { Database } from "../db/database.ts";
import { jsonText, plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { newId } from "../ids.ts";
import type { Vault } from "../storage/vault.ts";
import type { AttemptFacts } from "./contradictions.ts";
import { type Moves, movesOf, usedByOthersSql } from "./moves.ts";
import { LEASE_MS, RUN_MS } from "./timing.ts";
import { readUnitData } from "./unit-data.repository.ts";
import { jobValues, needsNothing } from "./unit-data.ts";

// The three statements that run for every unit, one round trip each (the result's two in one transaction). All lock the job
// before its attempt and its host, and the unit before the job.

/** $1 station, $2 free nests, $3 moves, $4 lease. A second asker waits for the first and then finds the job LEASED. */
const ACQUIRE = `
WITH picked AS (
  SELECT j.id FROM job j JOIN nest n ON n.id = j.nest_id
    JOIN station s ON s.id = j.station_id AND s.credential_hash IS NOT NULL
   WHERE j.station_id = $1 AND n.name = ANY($2) AND n.enabled
     AND (j.state = 'LEASED' OR $3::jsonb ? j.state)
   ORDER BY j.state = 'LEASED' DESC, j.created_at, j.id LIMIT 1
     FOR UPDATE OF j),
taken AS (
  UPDATE job j
     SET epoch = j.epoch + CASE WHEN $3::jsonb ? j.state THEN 1 ELSE 0 END,
         changed_at = CASE WHEN $3::jsonb ? j.state THEN now() ELSE j.changed_at END,
         state = coalesce($3::jsonb ->> j.state, j.state),
         deadline = now() + $4 * interval '1 ms'
    FROM picked WHERE j.id = picked.id AND (j.state = 'LEASED' OR $3::jsonb ? j.state)
  RETURNING j.*)
SELECT t.id, t.epoch, t.dirty, n.name AS nest, u.serial, u.board_revision, p.name AS product,
       p.allow_virtual, wo.number, r.version, r.manifest, r.signature,
       r.recipe -> 'fields' AS fields,
       (SELECT json_agg(json_build_object('name', ri.name, 'sha256', i.sha256, 'size', i.size,
                 'address', ri.address) ORDER BY ri.position)
          FROM release_image ri JOIN image i ON i.sha256 = ri.image_sha256
         WHERE ri.release_id = r.id) AS images
  FROM taken t JOIN nest n ON n.id = t.nest_id JOIN unit u ON u.id = t.unit_id
  JOIN product p ON p.id = u.product_id JOIN work_order wo ON wo.id = t.work_order_id
  JOIN release r ON r.id = t.release_id`;

/** Known hosts keep their row unlocked; a new one is added, or found when another start was faster. */
const HOST = (from: string) => `
known AS (SELECT id FROM host WHERE key = $5),
added AS (
  INSERT INTO host (id, key, machine, pci_address, controller, driver, virtual, fingerprint)
  SELECT $6, $5, $7, $8, $9, $10, $11, $12::jsonb FROM ${from}
   WHERE NOT EXISTS (SELECT 1 FROM known)
  ON CONFLICT (key) DO UPDATE SET driver = excluded.driver
  RETURNING id),
place AS (SELECT id FROM known UNION ALL SELECT id FROM added)`;

/** $1 job, $2 station, $3 epoch, $4 attempt, $5-$12 host, $13 moves, $14 lease, $15 port path, $16 hubs. */
const START = `
WITH target AS (
  SELECT j.* FROM job j JOIN release r ON r.id = j.release_id
    JOIN work_order wo ON wo.id = j.work_order_id JOIN product p ON p.id = wo.product_id
   WHERE j.id = $1 AND j.station_id = $2 AND j.epoch = $3::bigint AND $13::jsonb ? j.state
     AND wo.state = 'open' AND r.state = 'released'
     AND (r.expires_at IS NULL OR r.expires_at > now())
     AND (NOT $11 OR p.allow_virtual)
     AND NOT EXISTS (SELECT 1 FROM host h WHERE h.key = $5 AND h.verdict = 'QUARANTINED')
     AND ${usedByOthersSql("j.unit_id")} < wo.quantity
     FOR UPDATE OF j),
${HOST("target")},
refreshed AS (
  UPDATE host SET fingerprint = $12::jsonb, driver = $10
   WHERE id IN (SELECT id FROM known) AND fingerprint IS DISTINCT FROM $12::jsonb),
moved AS (
  UPDATE job j SET state = $13::jsonb ->> j.state, changed_at = now(),
         deadline = now() + $14 * interval '1 ms'
    FROM target t WHERE j.id = t.id AND j.epoch = t.epoch AND $13::jsonb ? j.state
  RETURNING j.*)
INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id,
                     host_id, epoch, virtual, port_path, hubs)
SELECT $4, m.id, m.unit_id, m.station_id, m.nest_id, m.work_order_id, m.release_id, m.step_id,
       place.id, m.epoch, $11, $15, $16::jsonb
  FROM moved m, place
RETURNING id`;

/** One result at a time for a unit: which attempt was its first is decided under this lock. */
const LOCK_UNIT = `
SELECT a.job_id AS "jobId", r.manifest_sha256 AS "manifestSha256", r.key_id AS "keyId", a.virtual,
       s.machine, ARRAY(SELECT image_sha256 FROM release_image WHERE release_id = r.id) AS images
  FROM unit u JOIN attempt a ON a.unit_id = u.id
  JOIN release r ON r.id = a.release_id JOIN station s ON s.id = a.station_id
 WHERE a.id = $1 AND a.station_id = $2 FOR NO KEY UPDATE OF u`;

/** $1 attempt, $2 station, $3 epoch of the body, $4 moves, $5-$12 host, $13 SHA-256, $14 fields, $15 body, $16 counts, $17 contradictions. */
const RESULT = `
WITH target AS (
  SELECT a.id, a.job_id, a.unit_id, a.step_id, a.body_sha256, a.late, a.accepted_at, a.epoch,
         j.state, j.epoch AS job_epoch, $4::jsonb ->> j.state AS next
    FROM attempt a JOIN job j ON j.id = a.job_id
   WHERE a.id = $1 AND a.station_id = $2
     FOR UPDATE OF j),
fresh AS (
  SELECT t.*, coalesce(next IS NOT NULL AND epoch = job_epoch AND $3::bigint = job_epoch, false) AS settles
    FROM target t WHERE body_sha256 IS NULL),
${HOST("fresh")},
moved AS (
  UPDATE job j SET state = f.next, deadline = NULL, changed_at = now(), code = f2.code
    FROM fresh f, jsonb_to_record($14::jsonb) AS f2(code text)
   WHERE f.settles AND j.id = f.job_id AND j.state = f.state AND j.epoch = f.job_epoch
  RETURNING j.id, j.state),
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
         skew_ms = extract(epoch FROM now() - v."reportedAt") * 1000, review = v.review,
         late = NOT f.settles OR cardinality($17::text[]) > 0,
         contradictions = $17, first = $16 AND NOT EXISTS (SELECT 1 FROM other),
         host_id = CASE WHEN $17 && ARRAY['host', 'virtual'] THEN a.host_id ELSE place.id END, body = $15, body_sha256 = $13
    FROM fresh f, place, jsonb_to_record($14::jsonb) AS v(
         outcome text, code text, blame text, phase text, address bigint, detail text,
         touched boolean, "linkIncident" boolean, incidents jsonb, profile text,
         "startProfile" text, bytes int, "durationMs" float8, "phaseMs" jsonb,
         "erasedSectors" int, "skippedSectors" int, chip text, "chipMatch" text,
         "chipEvidence" jsonb, "portPath" text, hubs jsonb, virtual boolean, offline boolean,
         "usbSerial" text, "agentVersion" text, patch jsonb, "startedAt" timestamptz,
         "finishedAt" timestamptz, "reportedAt" timestamptz, review boolean)
   WHERE a.id = f.id AND a.body_sha256 IS NULL
  RETURNING a.id, a.late),
forgotten AS (
  DELETE FROM unit_secret s USING moved m, target t WHERE m.state = 'PASSED' AND s.unit_id = t.unit_id),
told AS (
  INSERT INTO outbox (queue, key, payload)
  SELECT 'insight', 'attempt-' || id, json_build_object('attemptId', id) FROM stored)
SELECT t.body_sha256 AS before, coalesce(s.late, t.late) AS late, s.id IS NOT NULL AS stored,
       t.job_id AS "jobId", coalesce(m.state, t.state) AS "jobState", u.serial,
       (SELECT o.id FROM other o WHERE $16 AND o.accepted_at > t.accepted_at) AS displaces
  FROM target t JOIN unit u ON u.id = t.unit_id
  LEFT JOIN stored s ON true LEFT JOIN moved m ON true`;

export interface StartInput {
  readonly jobId: string;
  readonly stationId: string;
  readonly epoch: number;
  readonly attemptId: string;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
}

export interface ResultInput {
  readonly attemptId: string;
  readonly stationId: string;
  readonly epoch: number;
  /** What the result comes to, once it is known what the job is about. */
  readonly judge: (facts: AttemptFacts) => JudgedResult;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
  readonly sha256: string;
  readonly body: Buffer;
}

export interface JudgedResult {
  /** Where the result takes its job. */
  readonly moves: Moves;
  /** Columns by the contract's names. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The attempt may be its unit's first. */
  readonly counts: boolean;
  readonly contradictions: readonly Contradiction[];
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

export interface HotRepository {
  /** OFFERED → LEASED with the next epoch, or the station's unstarted LEASED job again. Null: nothing for these nests. */
  acquire(stationId: string, freeNests: readonly string[]): Promise<LeasedJob | null>;
  /** LEASED → RUNNING with its attempt, when every check holds. False: nothing was changed. */
  start(input: StartInput): Promise<boolean>;
  /** Null: no job was started with this attempt at this station. */
  result(input: ResultInput): Promise<StoredResult | null>;
}

interface LeasedRow {
  readonly id: string;
  readonly epoch: number;
  readonly dirty: boolean;
  readonly nest: string;
  readonly serial: string;
  readonly board_revision: string | null;
  readonly product: string;
  readonly allow_virtual: boolean;
  readonly number: string;
  readonly version: string;
  readonly manifest: Buffer;
  readonly signature: string;
  readonly images: LeasedJob["images"] | null;
  readonly fields: RecipeView["fields"];
}

/** Of text about a host that has a column or is part of an index, UTF-16 units. */
const HOST_TEXT = 200;

/** $5 to $12 of the statements. A host that cannot be stored as it was told is no reason to refuse a result. */
function hostValues(host: HostFingerprint, virtual: boolean): readonly unknown[] {
  const { pciAddress, vendorDevice, driver } = host.controller;
  return [
    plainText(hostKey(host), 3 * HOST_TEXT),
    newId(),
    plainText(host.machine, HOST_TEXT),
    plainText(pciAddress, HOST_TEXT),
    plainText(vendorDevice, HOST_TEXT),
    plainText(driver, HOST_TEXT),
    virtual,
    jsonText(host),
  ];
}

async function storeResult(sql: Sql, input: ResultInput): Promise<StoredResult | null> {
  const [facts] = await sql.query<AttemptFacts>(LOCK_UNIT, [input.attemptId, input.stationId]);
  if (facts === undefined) return null;
  const { moves, fields, counts, contradictions } = input.judge(facts);
  const [row] = await sql.query<
    Omit<StoredResult, "contradictions"> & { readonly displaces: string | null }
  >(RESULT, [
    input.attemptId,
    input.stationId,
    input.epoch,
    JSON.stringify(moves),
    ...hostValues(input.host, input.virtual),
    input.sha256,
    jsonText(fields),
    input.body,
    counts,
    contradictions,
  ]);
  if (row === undefined) return null;
  const { displaces, ...stored } = row;
  if (stored.before === null && displaces !== null) {
    // An earlier attempt reports after a later one did: the unit's first try was this one.
    await sql.execute("UPDATE attempt SET first = false WHERE id = $1", [displaces]);
    await sql.execute("UPDATE attempt SET first = true WHERE id = $1", [input.attemptId]);
  }
  if (stored.before === null && contradictions.length > 0) {
    await appendAudit(sql, {
      actor: "system",
      action: "result.contradiction",
      subject: `attempt ${input.attemptId}`,
      after: { serial: stored.serial, outcome: fields["outcome"], contradictions },
    });
  }
  return { ...stored, contradictions };
}

export function hotRepository(db: Database, vault: Vault): HotRepository {
  const acquireMoves = JSON.stringify(movesOf("acquire"));
  const startMoves = JSON.stringify(movesOf("start"));
  return {
    async acquire(stationId, freeNests) {
      const [row] = await db.sql.query<LeasedRow>(ACQUIRE, [
        stationId,
        freeNests,
        acquireMoves,
        LEASE_MS,
      ]);
      if (row === undefined) return null;
      const unitData = needsNothing(row.fields)
        ? { values: {}, secrets: {} }
        : jobValues(row.fields, await readUnitData(db.sql, vault, row.id));
      return {
        jobId: row.id,
        nest: row.nest,
        serial: row.serial,
        epoch: row.epoch,
        leaseMs: LEASE_MS,
        dirty: row.dirty,
        product: row.product,
        boardRevision: row.board_revision,
        virtualAllowed: row.allow_virtual,
        workOrder: row.number,
        version: row.version,
        manifest: row.manifest.toString("base64"),
        signature: row.signature,
        images: row.images ?? [],
        ...unitData,
      };
    },
    async start(input) {
      const rows = await db.sql.query(START, [
        input.jobId,
        input.stationId,
        input.epoch,
        input.attemptId,
        ...hostValues(input.host, input.virtual),
        startMoves,
        RUN_MS,
        plainText(input.host.portPath),
        jsonText(input.host.hubs),
      ]);
      return rows.length > 0;
    },
    result: (input) => db.transaction((sql) => storeResult(sql, input)),
  };
}
