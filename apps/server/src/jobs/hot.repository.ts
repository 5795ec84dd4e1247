import {
  type HostFingerprint,
  LeasedJob,
  LeasedLabel,
  RecipeView,
  SignedException,
  TRIAL_PROFILES,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { liftedSql, startableSql } from "../db/exception.ts";
import { heldSql, NEST_IN_USE } from "../db/held.ts";
import { jsonText, plainText } from "../db/json-text.ts";
import { operatorRequiredSql, operatorSql } from "../db/operator.ts";
import { checkedSql, statement } from "../db/statement.ts";
import { eventSql, ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import type { Origin } from "../ledger/origin.ts";
import type { StartedAt } from "../pacing/pacer.ts";
import { TRIES_SQL } from "../pacing/turn.repository.ts";
import type { Vault } from "../storage/vault.ts";
import { gathered } from "./gathered.ts";
import { HOST_PARAMETERS, hostSql, hostValues } from "./host-sql.ts";
import { HOLDABLE, HOLDABLE_AT, movesOf, usedByOthersSql } from "./moves.ts";
import { LEASE_MS, RUN_MS } from "./timing.ts";
import { readUnitData } from "./unit-data.repository.ts";
import { jobValues, needsNothing } from "./unit-data.ts";

// Acquire and start: one statement each, which run for every unit. Both lock the job before its attempt and its host, and the
// unit before the job.

const Leased = LeasedJob.pick({
  jobId: true,
  epoch: true,
  dirty: true,
  nest: true,
  serial: true,
  boardRevision: true,
  product: true,
  virtualAllowed: true,
  workOrder: true,
  version: true,
  signature: true,
}).extend({
  stationId: z.string(),
  manifest: z.instanceof(Buffer),
  fields: RecipeView.shape.fields,
  images: LeasedJob.shape.images.nullable(),
  exception: SignedException.nullable(),
  label: LeasedLabel.nullable(),
});

/**
 * For several stations at once. A second asker waits for the first and then finds the job LEASED. That each found its own station's job is
 * said twice: PostgreSQL expects a hundred asks otherwise, and reads every job for them while jobs are few.
 */
const ACQUIRE = statement(
  ["asks", "moves", "leaseMs"],
  Leased,
  `
WITH picked AS (
  SELECT found.id FROM jsonb_to_recordset(:asks::jsonb) AS ask("stationId" uuid, "freeNests" text[])
    CROSS JOIN LATERAL (
      SELECT j.id, j.station_id FROM job j JOIN nest n ON n.id = j.nest_id JOIN unit u ON u.id = j.unit_id
        JOIN station s ON s.id = j.station_id AND s.credential_hash IS NOT NULL
       WHERE j.station_id = ask."stationId" AND n.name = ANY(ask."freeNests") AND ${NEST_IN_USE}
         AND NOT EXISTS (SELECT ${heldSql(HOLDABLE, "u")})
         AND j.state IN ('OFFERED', 'LEASED') AND (j.state = 'LEASED' OR :moves::jsonb ? j.state)
       ORDER BY j.state = 'LEASED' DESC, j.created_at, j.id LIMIT 1
         FOR UPDATE OF j) found
   WHERE ${checkedSql('found.station_id = ask."stationId"')}),
taken AS (
  UPDATE job j
     SET epoch = j.epoch + CASE WHEN :moves::jsonb ? j.state THEN 1 ELSE 0 END,
         changed_at = CASE WHEN :moves::jsonb ? j.state THEN now() ELSE j.changed_at END,
         state = coalesce(:moves::jsonb ->> j.state, j.state),
         deadline = now() + :leaseMs * interval '1 ms'
    FROM picked WHERE j.id = picked.id AND (j.state = 'LEASED' OR :moves::jsonb ? j.state)
  RETURNING j.*)
SELECT t.id AS "jobId", t.station_id AS "stationId", t.epoch, t.dirty, n.name AS nest, u.serial,
       u.board_revision AS "boardRevision", p.name AS product, p.allow_virtual AS "virtualAllowed",
       wo.number AS "workOrder", r.version, r.manifest, r.signature,
       (SELECT json_build_object('statement', translate(encode(e.statement, 'base64'), E'\\n', ''), 'signature', e.signature)
          FROM release_exception e WHERE e.id = t.exception_id) AS exception,
       r.recipe -> 'fields' AS fields,
       CASE WHEN p.label_template IS NOT NULL THEN
         json_build_object('template', p.label_template, 'scanBack', p.label_scan_back) END AS label,
       (SELECT json_agg(json_build_object('name', ri.name, 'sha256', i.sha256, 'size', i.size,
                 'address', ri.address) ORDER BY ri.position)
          FROM release_image ri JOIN image i ON i.sha256 = ri.image_sha256
         WHERE ri.release_id = r.id) AS images
  FROM taken t JOIN nest n ON n.id = t.nest_id JOIN unit u ON u.id = t.unit_id
  JOIN product p ON p.id = u.product_id JOIN work_order wo ON wo.id = t.work_order_id
  JOIN release r ON r.id = t.release_id`,
);

const OPERATOR = operatorSql(":operator::uuid", "s");
const START = statement(
  [
    ...HOST_PARAMETERS,
    "jobId",
    "stationId",
    "epoch",
    "attemptId",
    "moves",
    "runMs",
    "portPath",
    "hubs",
    "operator",
    ...ORIGIN_PARAMETERS,
  ],
  z.object({ profile: z.enum(TRIAL_PROFILES).nullable(), tries: z.boolean() }),
  `
WITH target AS (
  SELECT j.*, r.version, wo.number, p.name AS product, CASE WHEN NOT (${startableSql("r")}) THEN j.exception_id END AS under,
         ${OPERATOR} AS operator_id
    FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id
    JOIN station s ON s.id = j.station_id JOIN release r ON r.id = j.release_id
    JOIN work_order wo ON wo.id = j.work_order_id JOIN product p ON p.id = wo.product_id
   WHERE j.id = :jobId::uuid AND ${checkedSql("j.station_id = :stationId")} AND j.epoch = :epoch::bigint AND :moves::jsonb ? j.state
     AND wo.state = 'open' AND (${startableSql("r")} OR ${liftedSql("j", "r")})
     AND (NOT :virtual::boolean OR p.allow_virtual)
     AND NOT EXISTS (SELECT ${heldSql([...HOLDABLE_AT, "(SELECT h.id FROM host h WHERE h.key = :hostKey)"], "u")})
     AND ${usedByOthersSql("j.unit_id")} < wo.quantity
     AND (NOT ${operatorRequiredSql("s")} OR ${OPERATOR} IS NOT NULL)
     FOR UPDATE OF j),
${hostSql("target")},
refreshed AS (
  UPDATE host SET fingerprint = :fingerprint::jsonb, driver = :driver
   WHERE id IN (SELECT id FROM known) AND fingerprint IS DISTINCT FROM :fingerprint::jsonb),
counted AS (
  UPDATE release_exception e SET used = e.used + 1 FROM target t
   WHERE e.id = t.under AND e.used < e.units AND e.withdrawn_at IS NULL
     AND NOT EXISTS (SELECT FROM exception_unit xu WHERE xu.exception_id = e.id AND xu.unit_id = t.unit_id)
  RETURNING e.id, e.used, e.units),
first_use AS (
  INSERT INTO exception_unit (exception_id, unit_id, attempt_id) SELECT c.id, t.unit_id, :attemptId::uuid FROM counted c, target t),
moved AS (
  UPDATE job j SET state = :moves::jsonb ->> j.state, changed_at = now(),
         deadline = now() + :runMs * interval '1 ms'
    FROM target t WHERE j.id = t.id AND j.epoch = t.epoch AND :moves::jsonb ? j.state
     AND (t.under IS NULL OR EXISTS (SELECT FROM counted)
       OR EXISTS (SELECT FROM exception_unit xu WHERE xu.exception_id = t.under AND xu.unit_id = t.unit_id))
  RETURNING j.*),
begun AS (
  INSERT INTO attempt (id, job_id, unit_id, station_id, nest_id, work_order_id, release_id, step_id,
                     host_id, epoch, virtual, port_path, hubs, exception_id, operator_id)
SELECT :attemptId::uuid, m.id, m.unit_id, m.station_id, m.nest_id, m.work_order_id, m.release_id, m.step_id,
       place.id, m.epoch, :virtual::boolean, :portPath, :hubs::jsonb, t.under, t.operator_id
  FROM moved m, place, target t
  RETURNING id, host_id),
told AS (${eventSql(
    "attempt.started",
    "begun b, target t JOIN unit u ON u.id = t.unit_id JOIN nest n ON n.id = t.nest_id",
    {
      subjectId: "b.id",
      subjectName: "u.serial",
      data: `jsonb_build_object('jobId', t.id, 'product', t.product, 'version', t.version, 'order', t.number, 'station', :whoName::text,
         'nest', n.name, 'hostId', b.host_id, 'virtual', :virtual::boolean, 'operator', t.operator_id)`,
    },
  )}),
excepted AS (${eventSql("exception.used", "counted c, target t JOIN unit u ON u.id = t.unit_id", {
    subjectId: "c.id",
    subjectName: "t.product || ' ' || t.version",
    data: `jsonb_build_object('serial', u.serial, 'product', t.product, 'version', t.version, 'order', t.number, 'station', :whoName::text,
         'attemptId', :attemptId::uuid, 'used', c.used, 'units', c.units)`,
  })})
SELECT h.profile, ${TRIES_SQL} AS tries FROM begun b LEFT JOIN host h ON h.id = b.host_id`,
);

export interface StartInput {
  readonly jobId: string;
  readonly stationId: string;
  readonly epoch: number;
  readonly attemptId: string;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
  /** Id of who is logged in at the station, as it says. Of somebody who may not work there nothing is kept. */
  readonly operator?: string | null | undefined;
  readonly by: Origin;
}

export interface HotRepository {
  /** OFFERED → LEASED with the next epoch, or the station's unstarted LEASED job again. Null: nothing for these nests. */
  acquire(stationId: string, freeNests: readonly string[]): Promise<LeasedJob | null>;
  /** LEASED → RUNNING with its attempt, when every check holds. Undefined: nothing was changed. */
  start(input: StartInput): Promise<StartedAt | undefined>;
}

interface Ask {
  readonly stationId: string;
  readonly freeNests: readonly string[];
}

export function hotRepository(db: Database, vault: Vault): HotRepository {
  const acquireMoves = JSON.stringify(movesOf("acquire"));
  const startMoves = JSON.stringify(movesOf("start"));

  async function jobOf({
    fields,
    stationId: _,
    exception,
    label,
    ...job
  }: z.output<typeof Leased>): Promise<LeasedJob> {
    const unitData = needsNothing(fields)
      ? { values: {}, secrets: {} }
      : jobValues(fields, await readUnitData(db.sql, vault, job.jobId));
    return {
      ...job,
      ...(exception === null ? {} : { exception }),
      ...(label === null ? {} : { label }),
      leaseMs: LEASE_MS,
      manifest: job.manifest.toString("base64"),
      images: job.images ?? [],
      ...unitData,
    };
  }

  const acquire = gathered(async (asks: readonly Ask[]) => {
    const rows = await db.sql.rows(ACQUIRE, {
      asks: jsonText(asks),
      moves: acquireMoves,
      leaseMs: LEASE_MS,
    });
    return asks.map(({ stationId, freeNests }) => {
      const isOwn = (row: (typeof rows)[number]) =>
        row.stationId === stationId && freeNests.includes(row.nest);
      return rows.find(isOwn) ?? null;
    });
  });

  return {
    async acquire(stationId, freeNests) {
      const row = await acquire({ stationId, freeNests });
      return row === null ? null : await jobOf(row);
    },
    async start(input) {
      const { host, virtual, by, operator = null, ...values } = input;
      return await db.sql.row(START, {
        ...values,
        ...originValues(by),
        ...hostValues(host, virtual),
        moves: startMoves,
        runMs: RUN_MS,
        portPath: plainText(host.portPath),
        hubs: jsonText(host.hubs),
        operator,
      });
    },
  };
}
