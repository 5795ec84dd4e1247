import { JobImage, LeasedLabel, RecipeView } from "@flashline/contract";
import { z } from "zod";
import { Held, heldSql, NEST_HOLD, NEST_IN_USE } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { scrappedSql } from "../rework/retest-sql.ts";

const Order = z.object({
  id: z.string(),
  number: z.string(),
  /** Places that neither a job nor a grant has. */
  free: z.number(),
  /** Places that open grants of this station keep. */
  mine: z.number(),
  /** Stations that have the order in their queue. */
  stations: z.number(),
});
const Release = z.object({
  id: z.string(),
  version: z.string(),
  state: z.string(),
  expired: z.boolean(),
  boardRevisions: z.array(z.string()),
  remainder: z.string(),
  fields: RecipeView.shape.fields,
  asksForSerial: z.boolean(),
  images: z.array(JobImage),
});
const Product = z.object({
  id: z.string(),
  name: z.string(),
  serialPattern: z.string().nullable(),
  registration: z.string(),
  hasLabel: z.boolean(),
  retestLimit: z.number(),
  allowVirtual: z.boolean(),
});
const Facts = z.object({
  station: z.string(),
  plantId: z.string(),
  hours: z.number(),
  units: z.number(),
  order: Order.nullable(),
  product: Product.nullable(),
  release: Release.nullable(),
  manifest: z.instanceof(Buffer).nullable(),
  manifestSha256: z.string().nullable(),
  manifestSignature: z.string().nullable(),
  /** The order's step is its product's first one. */
  firstStep: z.boolean().nullable(),
  hold: Held.nullable(),
  nests: z.array(z.string()),
  barred: z.array(z.string()),
  /** Grants that the station has not given back. */
  open: z.number(),
  now: z.date(),
  /** The earlier one of the plant's time and the release's end. */
  until: z.date(),
});
/** What is known of a station that asks for a grant, and of the order that it works on now. */
export type GiveFacts = z.output<typeof Facts>;

/** The order at the head of the queue that has a place, if only one that the station keeps itself. Its own release, never a canary. */
const FACTS = statement(
  ["stationId", "mostBarred"],
  Facts,
  `
SELECT s.name AS station, pl.id AS "plantId", pl.grant_hours AS hours, pl.grant_units AS units,
       CASE WHEN wo.id IS NOT NULL THEN json_build_object('id', wo.id, 'number', wo.number, 'free', wo.quantity - wo.used - wo.reserved, 'mine', wo.mine,
         'stations', (SELECT count(*) FROM station_order so WHERE so.work_order_id = wo.id)) END AS "order",
       CASE WHEN p.id IS NOT NULL THEN json_build_object('id', p.id, 'name', p.name, 'serialPattern', p.serial_pattern, 'registration', p.registration, 'hasLabel', p.label_template IS NOT NULL,
         'retestLimit', p.retest_limit, 'allowVirtual', p.allow_virtual) END AS product,
       CASE WHEN r.id IS NOT NULL THEN json_build_object('id', r.id, 'version', r.version, 'state', r.state,
         'expired', coalesce(r.expires_at <= now(), false), 'boardRevisions', r.board_revisions, 'remainder', r.recipe ->> 'remainder',
         'fields', r.recipe -> 'fields', 'asksForSerial', r.recipe -> 'shownSerial' IS NOT NULL,
         'images', (SELECT json_agg(json_build_object('name', ri.name, 'sha256', i.sha256, 'size', i.size, 'address', ri.address) ORDER BY ri.position)
            FROM release_image ri JOIN image i ON i.sha256 = ri.image_sha256 WHERE ri.release_id = r.id)) END AS release,
       r.manifest, r.manifest_sha256 AS "manifestSha256", r.signature AS "manifestSignature",
       NOT EXISTS (SELECT FROM process_step e JOIN process_step own ON own.id = wo.step_id
         WHERE e.product_id = p.id AND e.position < own.position) AS "firstStep",
       (SELECT json_build_object('kind', hold.kind, 'name', hold.name, 'reason', hold.reason) ${heldSql(["s.line_id", "s.id"])}
         ORDER BY hold.kind LIMIT 1) AS hold,
       ARRAY(SELECT n.name FROM nest n WHERE n.station_id = s.id AND ${NEST_IN_USE} AND ${NEST_HOLD} IS NULL ORDER BY n.name) AS nests,
       ARRAY(SELECT u.serial FROM unit u WHERE u.product_id = p.id AND u.id IN (
          SELECT hold.target_id FROM hold WHERE hold.kind = 'unit' AND hold.lifted_at IS NULL
          UNION ALL SELECT b.id FROM hold JOIN unit b ON b.product_id = hold.target_id AND b.batch = hold.batch
            WHERE hold.kind = 'batch' AND hold.target_id = p.id AND hold.lifted_at IS NULL
          UNION ALL SELECT w.unit_id FROM rework w JOIN unit x ON x.id = w.unit_id WHERE w.kind = 'scrap' AND x.product_id = p.id AND ${scrappedSql("w.unit_id")})
          ORDER BY u.serial LIMIT :mostBarred::int + 1)
          || ARRAY(SELECT gu.serial FROM golden_unit gu WHERE gu.plant_id = pl.id ORDER BY gu.serial) AS barred,
       (SELECT count(*)::int FROM offline_grant g WHERE g.station_id = s.id AND g.ended_at IS NULL) AS open,
       now() AS now, least(now() + pl.grant_hours * interval '1 hour', r.expires_at) AS until
  FROM station s JOIN line l ON l.id = s.line_id JOIN plant pl ON pl.id = l.plant_id
  LEFT JOIN LATERAL (
    SELECT o.*, m.mine FROM station_order so JOIN work_order o ON o.id = so.work_order_id AND o.state = 'open'
     CROSS JOIN LATERAL (SELECT coalesce(sum(g.units - g.used), 0)::int AS mine FROM offline_grant g
        WHERE g.work_order_id = o.id AND g.station_id = s.id AND g.ended_at IS NULL) m
     WHERE so.station_id = s.id
     ORDER BY o.used + o.reserved - m.mine < o.quantity DESC, so.priority, so.set_at, o.id LIMIT 1) wo ON true
  LEFT JOIN product p ON p.id = wo.product_id
  LEFT JOIN release r ON r.id = wo.release_id
 WHERE s.id = :stationId`,
);

/** Of the units on hold or scrapped one more than `mostBarred` at most. */
export const readGiveFacts = (
  sql: Sql,
  stationId: string,
  mostBarred: number,
): Promise<GiveFacts | undefined> => sql.row(FACTS, { stationId, mostBarred });

const Given = z.object({
  statement: z.string(),
  signature: z.string(),
  ended: z.boolean(),
  manifest: z.instanceof(Buffer),
  manifestSignature: z.string(),
  images: z.array(JobImage),
  label: LeasedLabel.nullable(),
});
/** A grant that was given under this id, as its station gets it. */
const GIVEN = statement(
  ["id", "stationId"],
  Given,
  `
SELECT g.statement, g.signature, g.ended_at IS NOT NULL AS ended, r.manifest, r.signature AS "manifestSignature",
       (SELECT json_agg(json_build_object('name', ri.name, 'sha256', i.sha256, 'size', i.size, 'address', ri.address) ORDER BY ri.position)
          FROM release_image ri JOIN image i ON i.sha256 = ri.image_sha256 WHERE ri.release_id = r.id) AS images,
       CASE WHEN p.label_template IS NOT NULL THEN
         json_build_object('template', p.label_template, 'scanBack', p.label_scan_back) END AS label
  FROM offline_grant g JOIN release r ON r.id = g.release_id JOIN product p ON p.id = r.product_id WHERE g.id = :id AND g.station_id = :stationId`,
);

export const readGiven = (sql: Sql, id: string, stationId: string) =>
  sql.row(GIVEN, { id, stationId });

const ADD = statement(
  [
    "id",
    "stationId",
    "orderId",
    "releaseId",
    "units",
    "givenAt",
    "until",
    "statement",
    "signature",
  ],
  z.object({ id: z.string() }),
  `
INSERT INTO offline_grant (id, station_id, work_order_id, release_id, units, given_at, until, statement, signature)
VALUES (:id::uuid, :stationId::uuid, :orderId::uuid, :releaseId::uuid, :units::int, :givenAt::timestamptz, :until::timestamptz, :statement, :signature)
RETURNING id`,
);

export interface NewGrant {
  readonly id: string;
  readonly stationId: string;
  readonly orderId: string;
  readonly releaseId: string;
  readonly units: number;
  readonly givenAt: Date;
  readonly until: Date;
  readonly statement: string;
  readonly signature: string;
}

/** Rejects where the order was changed, or has too few places, since it was read. */
export const addGrant = (sql: Sql, grant: NewGrant) => sql.row(ADD, { ...grant });
