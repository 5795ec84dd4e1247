import { called, Retirement } from "@flashline/contract";
import { z } from "zod";
import { heldSql } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const IN_THE_WAY = z.object({
  kind: z.string(),
  name: z.string(),
  because: z.enum(["pc", "token", "order", "hold", "in use"]),
  /** Of `order`. */
  order: z.string().nullable(),
});

function why({ name, because, order }: z.infer<typeof IN_THE_WAY>): string {
  switch (because) {
    case "pc":
      return `${called("Station", name)} has a PC enrolled: move the station, or revoke it.`;
    case "token":
      return `A token waits with which a PC may enroll as ${called("station", name)}: move the station, or revoke it.`;
    case "order":
      return `${called("Station", name)} holds work order ${order}: take it off, or move the station.`;
    case "hold":
      return `${called("Line", name)} is paused: let it go on first.`;
    case "in use":
      return `${called("Line", name)} is not retired.`;
  }
}
const told = (rows: readonly z.infer<typeof IN_THE_WAY>[]): Retirement =>
  Retirement.parse({ inTheWay: rows.map((row) => ({ ...row, why: why(row) })) });

/** A station that a PC may work as, or that holds an open order, is in use. */
const OF_LINE = statement(
  ["lineId"],
  IN_THE_WAY,
  `
SELECT 'station' AS kind, s.name,
       CASE WHEN s.credential_hash IS NOT NULL THEN 'pc'
            WHEN EXISTS (SELECT FROM enrolment_token t WHERE t.station_id = s.id AND t.expires_at > now()) THEN 'token'
            ELSE 'order' END AS because,
       o.number AS "order"
  FROM station s
  LEFT JOIN LATERAL (
   SELECT w.number FROM station_order so JOIN work_order w ON w.id = so.work_order_id AND w.state = 'open'
    WHERE so.station_id = s.id ORDER BY w.number LIMIT 1) o ON true
 WHERE s.line_id = :lineId::uuid
   AND (s.credential_hash IS NOT NULL OR o.number IS NOT NULL
        OR EXISTS (SELECT FROM enrolment_token t WHERE t.station_id = s.id AND t.expires_at > now()))
UNION ALL
SELECT 'hold', l.name, 'hold', NULL FROM line l
 WHERE l.id = :lineId::uuid AND EXISTS (SELECT ${heldSql(["l.id"])})
 ORDER BY kind, name`,
);
const OF_PLANT = statement(
  ["plantId"],
  IN_THE_WAY,
  `
SELECT 'line' AS kind, l.name, 'in use' AS because, NULL AS "order" FROM line l
 WHERE l.plant_id = :plantId::uuid AND l.retired_at IS NULL ORDER BY l.name`,
);

/** What is in use at a line. */
export const inTheWayOfLine = async (sql: Sql, lineId: string): Promise<Retirement> =>
  told(await sql.rows(OF_LINE, { lineId }));
/** Lines of a plant that are in use. */
export const inTheWayOfPlant = async (sql: Sql, plantId: string): Promise<Retirement> =>
  told(await sql.rows(OF_PLANT, { plantId }));
