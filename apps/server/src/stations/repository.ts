import {
  FlashlineError,
  GoldenSetup,
  HoldNote,
  PlantView,
  StationSetup,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { goldenRunWaitsSql, goldenSetupSql } from "../db/golden.ts";
import { NEST_HOLD, NEST_IN_USE, nestInUseSql } from "../db/held.ts";
import { operatorRulesSql } from "../db/operator.ts";
import { statement } from "../db/statement.ts";
import { tallySql } from "../db/tally.ts";
import { newId } from "../ids.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { NestRequest, replaceNests } from "./nests.repository.ts";

export interface StationRecord {
  readonly id: string;
  readonly name: string;
  readonly lineId: string;
}
const LineRecord = z.object({
  id: z.string(),
  name: z.string(),
  plantId: z.string(),
  plant: z.string(),
});
/** A line with the plant that it is in. */
export type LineRecord = z.infer<typeof LineRecord>;
const LINES = statement(
  ["name", "plant"],
  LineRecord,
  `
SELECT l.id, l.name, p.id AS "plantId", p.name AS plant FROM line l JOIN plant p ON p.id = l.plant_id
 WHERE l.retired_at IS NULL AND l.name = :name AND (:plant::text IS NULL OR p.name = :plant::text) ORDER BY p.name`,
);
export interface Enrollment {
  readonly tokenHash: string;
  readonly machine: string;
  readonly hardware: readonly string[];
  readonly hostname: string;
  readonly agentVersion: string | null;
  readonly credentialHash: string;
  readonly nests: readonly NestRequest[];
  readonly by: Origin;
}
const SetupRow = z.object({
  name: z.string(),
  line: z.string(),
  plant: z.string(),
  timeZone: z.string(),
  shifts: PlantView.shape.shifts,
  operators: z.unknown(),
  givesGrants: z.boolean(),
  golden: GoldenSetup,
});
/** Where a station stands. */
export type SetupRow = Readonly<z.infer<typeof SetupRow>>;
const SETUP = statement(
  ["stationId"],
  SetupRow,
  `
SELECT s.name, l.name AS line, p.name AS plant, p.time_zone AS "timeZone", p.shifts,
       ${operatorRulesSql("s")} AS operators, p.grant_hours > 0 AS "givesGrants",
       ${goldenSetupSql("s", nestInUseSql)} AS golden
  FROM station s JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id WHERE s.id = :stationId::uuid`,
);
const NestRow = NestRequest.extend({ hold: HoldNote.nullable(), goldenRun: z.boolean() });
/** A nest, and what holds it. */
export type NestRow = Readonly<z.infer<typeof NestRow>>;
const NESTS = statement(
  ["stationId"],
  NestRow,
  `
SELECT n.name, n.port_path AS "portPath", ${NEST_HOLD} AS hold, ${goldenRunWaitsSql("n")} AS "goldenRun"
  FROM nest n JOIN station s ON s.id = n.station_id
 WHERE s.id = :stationId::uuid AND ${NEST_IN_USE} ORDER BY n.name`,
);
const USE_TOKEN = statement(
  ["tokenHash", "machine"],
  z.object({
    id: z.string(),
    name: z.string(),
    /** As it was before. */
    machine: z.string().nullable(),
    plantId: z.string(),
  }),
  `
UPDATE enrolment_token SET used_at = coalesce(used_at, now()), used_by = :machine
  FROM station JOIN line ON line.id = station.line_id
 WHERE station.id = enrolment_token.station_id AND token_hash = :tokenHash
   AND expires_at > now() AND (used_by IS NULL OR used_by = :machine)
RETURNING station.id, station.name, station.machine, line.plant_id AS "plantId"`,
);
/** A station whose PC has the same machine id and no network card in common. */
const CLONE_OF = statement(
  ["stationId", "machine", "hardware"],
  z.object({ name: z.string() }),
  `
SELECT name FROM station
 WHERE machine = :machine AND id <> :stationId AND credential_hash IS NOT NULL
   AND hardware <> '{}' AND :hardware::text[] <> '{}' AND NOT hardware && :hardware::text[]
 ORDER BY name LIMIT 1`,
);
const LOCK_STATION = statement(
  ["name"],
  z.object({ id: z.string(), enrolled: z.boolean(), plantId: z.string() }),
  `
SELECT s.id, s.credential_hash IS NOT NULL AS enrolled, (SELECT l.plant_id FROM line l WHERE l.id = s.line_id) AS "plantId"
  FROM station s WHERE s.name = :name FOR UPDATE OF s`,
);

const SetupOrder = StationSetup.shape.workOrder.unwrap().extend({ room: z.boolean() });
/** An open order of a station, with whether it has a unit left. */
export type SetupOrder = z.infer<typeof SetupOrder>;
const ORDERS = statement(
  ["stationId"],
  SetupOrder,
  `
SELECT w.number, p.name AS product, p.title AS "productTitle", p.serial_pattern AS "serialPattern", r.version,
       r.manifest_sha256 AS "manifestSha256", p.label_template IS NOT NULL AS label, w.quantity, t.passed,
       w.used + w.reserved < w.quantity AS room
  FROM station_order so JOIN work_order w ON w.id = so.work_order_id AND w.state = 'open'
  JOIN product p ON p.id = w.product_id JOIN release r ON r.id = w.release_id ${tallySql("w.id")}
 WHERE so.station_id = :stationId
 ORDER BY room DESC, so.priority, so.set_at, w.id`,
);

const cloneOf = (station: string): FlashlineError =>
  new FlashlineError(
    "enrol.clone",
    `Station ${station} is enrolled with this PC's machine id and other network cards: one is a copy of the other's disk. On the copy, delete /etc/machine-id, run systemd-machine-id-setup and start it again; then enroll. If this PC takes the place of ${station}'s, enroll it as ${station}, or revoke that first.`,
    { parameters: { station } },
  );

export type StationsRepository = ReturnType<typeof stationsRepository>;

export function stationsRepository({ sql, prisma, transaction }: Database) {
  return {
    async station(name: string): Promise<StationRecord | undefined> {
      return (await prisma.station.findUnique({ where: { name } })) ?? undefined;
    },
    /** The lines with this name, in this plant or in whichever. */
    lines: (name: string, plant: string | undefined): Promise<readonly LineRecord[]> =>
      sql.rows(LINES, { name, plant: plant ?? null }),
    addStation(name: string, line: LineRecord, by: Origin): Promise<string> {
      return transaction(async (tx) => {
        const id = newId();
        await tx.execute("INSERT INTO station (id, name, line_id) VALUES ($1, $2, $3)", [
          id,
          name,
          line.id,
        ]);
        await recordEvent(tx, {
          kind: "station.added",
          by,
          plantId: line.plantId,
          subject: { id, name },
          data: { line: line.name },
        });
        return id;
      });
    },
    addEnrollmentToken(
      station: { id: string; name: string; plantId: string },
      tokenHash: string,
      expiresAt: Date,
      by: Origin,
    ) {
      return transaction(async (tx) => {
        await tx.execute(
          "INSERT INTO enrolment_token (id, station_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)",
          [newId(), station.id, tokenHash, expiresAt],
        );
        await recordEvent(tx, {
          kind: "station.token-given",
          by,
          plantId: station.plantId,
          subject: { id: station.id, name: station.name },
          data: { expiresAt: expiresAt.toISOString() },
        });
      });
    },
    /**
     * The station, now with this credential and these nests; undefined when the token does not open anything. Rejects with `enrol.clone`,
     * and then the token can be used again.
     */
    enroll(enrollment: Enrollment): Promise<{ id: string; name: string } | undefined> {
      return transaction(async (tx) => {
        const { tokenHash } = enrollment;
        const station = await tx.row(USE_TOKEN, { tokenHash, machine: enrollment.machine });
        if (station === undefined) return undefined;
        const { hardware } = enrollment;
        const twin = { stationId: station.id, machine: enrollment.machine, hardware };
        const clone = await tx.row(CLONE_OF, twin);
        if (clone !== undefined) throw cloneOf(clone.name);
        await tx.execute(
          `UPDATE station SET machine = $2, hostname = $3, credential_hash = $4, agent_version = $5, hardware = $6,
                  elsewhere_at = NULL, enrolled_at = now()
           WHERE id = $1`,
          [
            station.id,
            enrollment.machine,
            enrollment.hostname,
            enrollment.credentialHash,
            enrollment.agentVersion,
            hardware,
          ],
        );
        const before = await replaceNests(tx, station.id, enrollment.nests);
        const { id, name, plantId } = station;
        const { machine, hostname } = enrollment;
        const nests = enrollment.nests.map((nest) => ({ ...nest }));
        await recordEvent(tx, {
          kind: "station.enrolled",
          by: provedAs(enrollment.by, { kind: "station", id, name }, plantId),
          subject: { id, name },
          before: { machine: station.machine, nests: before },
          after: { machine, nests },
          data: { machine, hostname, nests },
        });
        return { id, name };
      });
    },
    /** Ends the station's credential and its unused tokens. Its id; undefined when it had neither. */
    revoke(name: string, by: Origin, reason?: string): Promise<string | undefined> {
      return transaction(async (tx) => {
        const station = await tx.row(LOCK_STATION, { name });
        if (station === undefined) return undefined;
        await tx.execute("UPDATE station SET credential_hash = NULL WHERE id = $1", [station.id]);
        // The machine that used a token may use it again while it is valid.
        const tokens = await tx.execute(
          "UPDATE enrolment_token SET expires_at = now() WHERE station_id = $1 AND expires_at > now()",
          [station.id],
        );
        if (!station.enrolled && tokens === 0) return undefined;
        await recordEvent(tx, {
          kind: "station.revoked",
          by,
          plantId: station.plantId,
          subject: { id: station.id, name },
          ...(reason === undefined ? {} : { reason }),
          data: { enrollmentTokensEnded: tokens },
        });
        return station.id;
      });
    },
    setup: (stationId: string): Promise<SetupRow | undefined> => sql.row(SETUP, { stationId }),
    /** The open orders that the station holds, in the order in which they come; those without a unit left last. */
    orders: (stationId: string): Promise<readonly SetupOrder[]> => sql.rows(ORDERS, { stationId }),
    nests: (stationId: string): Promise<readonly NestRow[]> => sql.rows(NESTS, { stationId }),
  };
}
