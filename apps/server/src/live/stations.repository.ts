import type { HoldNote, StationView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { NEST_HOLD, NEST_IN_USE } from "../db/held.ts";

/** What PostgreSQL knows of a station; its nests' present states come from the station itself. */
export interface StationBase {
  readonly id: string;
  readonly name: string;
  readonly line: string;
  readonly plant: string;
  readonly enrolled: boolean;
  readonly lastSeenAt: Date | null;
  readonly agentVersion: string | null;
  readonly workOrder: string | null;
  readonly product: string | null;
  readonly version: string | null;
  readonly workOrders: StationView["workOrders"];
  readonly passed: number;
  readonly failed: number;
  readonly nests: readonly { name: string; portPath: string; hold: HoldNote | null }[];
}

export interface StationsRepository {
  /** All stations by plant, line and name; of one, when an id is given. */
  bases(stationId?: string): Promise<readonly StationBase[]>;
  /** Notes the sign of life. Answers with a text that changes whenever the station's setup does. */
  touch(stationId: string, agentVersion: string | null): Promise<string>;
}

/** What a station does first: the order at the head of its queue that has a unit left. */
const FIRST_ORDER = `
    SELECT o.number, o.product_id, o.release_id FROM station_order so JOIN work_order o ON o.id = so.work_order_id AND o.state = 'open'
     WHERE so.station_id = s.id ORDER BY o.used < o.quantity DESC, so.priority, so.set_at, o.id LIMIT 1`;

/** $1 station or null. Attempts of the plant's own day, late ones left out. */
const BASES = `
WITH today AS (
  SELECT a.station_id, count(*) FILTER (WHERE a.outcome = 'PASS')::int AS passed,
         count(*) FILTER (WHERE a.outcome = 'FAIL')::int AS failed
    FROM plant p
    JOIN line l ON l.plant_id = p.id JOIN station s ON s.line_id = l.id
    JOIN attempt a ON a.station_id = s.id AND NOT a.late
     AND a.received_at >= date_trunc('day', now() AT TIME ZONE p.time_zone) AT TIME ZONE p.time_zone
   WHERE $1::uuid IS NULL OR s.id = $1 GROUP BY a.station_id)
SELECT s.id, s.name, l.name AS line, p.name AS plant, s.credential_hash IS NOT NULL AS enrolled,
       s.last_seen_at AS "lastSeenAt", s.agent_version AS "agentVersion", wo.number AS "workOrder",
       pr.name AS product, r.version, coalesce(t.passed, 0) AS passed,
       coalesce(t.failed, 0) AS failed,
       coalesce((SELECT json_agg(json_build_object('number', o.number, 'product', op.name, 'version', r2.version,
           'priority', so.priority, 'unitsLeft', o.quantity - o.used) ORDER BY so.priority, so.set_at, o.id)
          FROM station_order so JOIN work_order o ON o.id = so.work_order_id AND o.state = 'open'
          JOIN product op ON op.id = o.product_id JOIN release r2 ON r2.id = o.release_id
         WHERE so.station_id = s.id), '[]') AS "workOrders",
       coalesce((SELECT json_agg(json_build_object('name', n.name, 'portPath', n.port_path,
           'hold', ${NEST_HOLD}) ORDER BY n.name) FROM nest n WHERE n.station_id = s.id AND ${NEST_IN_USE}), '[]') AS nests
  FROM station s JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
  LEFT JOIN LATERAL (${FIRST_ORDER}) wo ON true
  LEFT JOIN product pr ON pr.id = wo.product_id LEFT JOIN release r ON r.id = wo.release_id
  LEFT JOIN today t ON t.station_id = s.id
 WHERE $1::uuid IS NULL OR s.id = $1
 ORDER BY p.name, l.name, s.name`;

const TOUCH = `
UPDATE station s SET last_seen_at = now(), agent_version = coalesce($2, s.agent_version)
 WHERE s.id = $1
RETURNING (SELECT md5(concat_ws('|', s.name, l.name, p.name, p.time_zone,
       (SELECT string_agg(concat_ws('/', wo.id, wo.quantity, wo.used < wo.quantity, pr.title, pr.serial_pattern, r.manifest_sha256, r.state),
               '|' ORDER BY so.priority, so.set_at, wo.id)
          FROM station_order so JOIN work_order wo ON wo.id = so.work_order_id AND wo.state = 'open'
          JOIN product pr ON pr.id = wo.product_id JOIN release r ON r.id = wo.release_id WHERE so.station_id = s.id),
       (SELECT string_agg(concat_ws('/', n.name, n.port_path, ${NEST_HOLD}), '|' ORDER BY n.name)
          FROM nest n WHERE n.station_id = s.id)))
  FROM line l JOIN plant p ON p.id = l.plant_id
 WHERE l.id = s.line_id) AS version`;

export function stationsRepository({ sql }: Database): StationsRepository {
  return {
    bases: (stationId) => sql.query<StationBase>(BASES, [stationId ?? null]),
    async touch(stationId, agentVersion) {
      const [row] = await sql.query<{ version: string | null }>(TOUCH, [stationId, agentVersion]);
      return row?.version ?? "";
    },
  };
}
