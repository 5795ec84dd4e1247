import { StationMove } from "@flashline/contract";
import { z } from "zod";
import { heldSql } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";

const STATION = statement(
  ["idOrName"],
  z.object({
    id: z.string(),
    name: z.string(),
    lineId: z.string(),
    line: z.string(),
    plant: z.string(),
  }),
  `
SELECT s.id, s.name, l.id AS "lineId", l.name AS line, p.name AS plant
  FROM station s JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
 WHERE s.id::text = lower(:idOrName) OR s.name = :idOrName ORDER BY s.id::text = lower(:idOrName) DESC LIMIT 1`,
);
/** A station with where it stands. */
export const stationWith = (sql: Sql, idOrName: string) => sql.row(STATION, { idOrName });

const LINE = statement(
  ["id"],
  z.object({
    id: z.string(),
    line: z.string(),
    plant: z.string(),
    plantId: z.string(),
    retired: z.boolean(),
    hold: z.string().nullable(),
  }),
  `
SELECT l.id, l.name AS line, p.name AS plant, p.id AS "plantId", l.retired_at IS NOT NULL AS retired,
       (SELECT hold.reason ${heldSql(["l.id"])} LIMIT 1) AS hold
  FROM line l JOIN plant p ON p.id = l.plant_id WHERE l.id = :id::uuid FOR SHARE OF l`,
);
/** A line; it is not retired while this transaction lasts. */
export const lineWith = (sql: Sql, id: string) => sql.row(LINE, { id });

const ORDERS = statement(
  ["stationId"],
  StationMove.shape.orders.element.extend({ id: z.string() }),
  `
SELECT w.id, w.number, p.name AS product,
       (SELECT count(*)::int FROM job j WHERE j.station_id = so.station_id AND j.work_order_id = w.id AND j.state IN (${OPEN_SQL})) AS "inWork"
  FROM station_order so JOIN work_order w ON w.id = so.work_order_id AND w.state = 'open' JOIN product p ON p.id = w.product_id
 WHERE so.station_id = :stationId::uuid ORDER BY so.priority, so.set_at, w.id`,
);
/** Open orders in a station's queue, in the order in which they come. */
export const ordersAt = (sql: Sql, stationId: string) => sql.rows(ORDERS, { stationId });

const MOVE = statement(
  ["stationId", "lineId"],
  z.object({}),
  "UPDATE station SET line_id = :lineId::uuid WHERE id = :stationId::uuid",
);
/** A trigger keeps where it stood until now. */
export async function setLine(sql: Sql, stationId: string, lineId: string): Promise<void> {
  await sql.row(MOVE, { stationId, lineId });
}
