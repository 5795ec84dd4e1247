import { GrantView } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement, statements, whereSql } from "../db/statement.ts";

const Ended = z.object({
  order: z.string(),
  orderId: z.string(),
  station: z.string(),
  stationId: z.string(),
  plantId: z.string(),
  units: z.number(),
  used: z.number(),
  /** All places of the order were taken while this grant kept some. */
  wasShort: z.boolean(),
});
/** A grant that keeps no places any more. */
export type EndedGrant = z.output<typeof Ended>;

/** `stationId` is null where a person ends it. Nothing where it has ended already. */
const END = statement(
  ["id", "stationId", "as", "by", "reason"],
  Ended,
  `
WITH ended AS (
  UPDATE offline_grant g SET ended_at = now(), ended_as = :as, ended_by = :by, end_reason = :reason
   WHERE g.id = :id AND (:stationId::uuid IS NULL OR g.station_id = :stationId::uuid) AND g.ended_at IS NULL
  RETURNING g.*)
SELECT wo.number AS "order", wo.id AS "orderId", s.name AS station, s.id AS "stationId", l.plant_id AS "plantId", e.units, e.used,
       wo.used + wo.reserved >= wo.quantity AS "wasShort"
  FROM ended e JOIN work_order wo ON wo.id = e.work_order_id JOIN station s ON s.id = e.station_id JOIN line l ON l.id = s.line_id`,
);

export interface GrantEnd {
  readonly id: string;
  readonly stationId: string | null;
  readonly as: "returned" | "ended";
  readonly by: string;
  readonly reason: string | null;
}

export const endGrant = (sql: Sql, end: GrantEnd): Promise<EndedGrant | undefined> =>
  sql.row(END, { ...end });

const Row = GrantView.extend({ givenAt: z.date(), until: z.date(), endedAt: z.date().nullable() });
/** A grant as a list has it. */
export type GrantRow = z.output<typeof Row>;

const SELECT = `
SELECT g.id, s.name AS station, wo.number AS "order", p.name AS product, r.version, g.units, g.used, g.given_at AS "givenAt", g.until,
       CASE WHEN g.ended_at IS NOT NULL THEN g.ended_as WHEN g.until <= now() THEN 'over' ELSE 'open' END AS state,
       g.ended_at AS "endedAt", g.ended_by AS "endedBy", g.end_reason AS "endReason"
  FROM offline_grant g JOIN station s ON s.id = g.station_id JOIN work_order wo ON wo.id = g.work_order_id
  JOIN release r ON r.id = g.release_id JOIN product p ON p.id = r.product_id`;
const PAGE = statements(["limit", "order", "station", "open", "after"], Row, (isGiven) => {
  const where = whereSql([
    isGiven("order") && "wo.number = :order",
    isGiven("station") && "s.name = :station",
    isGiven("open") && "(g.ended_at IS NULL) = :open::boolean",
    isGiven("after") &&
      "(g.given_at, g.id) < ((SELECT given_at FROM offline_grant WHERE id = :after::uuid), :after::uuid)",
  ]);
  return `${SELECT} ${where} ORDER BY g.given_at DESC, g.id DESC LIMIT :limit`;
});
const BY_ID = statement(["id"], Row, `${SELECT} WHERE g.id = :id`);

export interface GrantFilter {
  readonly limit: number;
  readonly order?: string | undefined;
  readonly station?: string | undefined;
  readonly open?: boolean | undefined;
  readonly after?: string | undefined;
}

export function listGrants(sql: Sql, filter: GrantFilter): Promise<readonly GrantRow[]> {
  const { limit, order, station, open, after } = filter;
  const values = { limit, order, station, open, after };
  return sql.rows(PAGE(values), values);
}
export const grantById = (sql: Sql, id: string): Promise<GrantRow | undefined> =>
  sql.row(BY_ID, { id });

const HOLDERS = statement(
  ["orderId"],
  z.object({ stationId: z.string() }),
  `SELECT DISTINCT station_id AS "stationId" FROM offline_grant WHERE work_order_id = :orderId::uuid AND ended_at IS NULL`,
);
/** Stations that keep places of the order. */
export const holdersOf = async (sql: Sql, orderId: string): Promise<readonly string[]> =>
  (await sql.rows(HOLDERS, { orderId })).map(({ stationId }) => stationId);

const WORKERS = statement(
  ["orderId"],
  z.object({ stationId: z.string() }),
  `SELECT station_id AS "stationId" FROM station_order WHERE work_order_id = :orderId::uuid`,
);
/** Stations that have the order in their queue. */
export const workersOn = async (sql: Sql, orderId: string): Promise<readonly string[]> =>
  (await sql.rows(WORKERS, { orderId })).map(({ stationId }) => stationId);
