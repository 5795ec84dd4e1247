import { HoldNote, type StationStatus, StationView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { NEST_HOLD, NEST_IN_USE } from "../db/held.ts";
import { statement, statements, whereSql } from "../db/statement.ts";

const StationBase = z.object({
  id: z.string(),
  name: z.string(),
  line: z.string(),
  plant: z.string(),
  enrolled: z.boolean(),
  lastSeenAt: z.date().nullable(),
  agentVersion: z.string().nullable(),
  workOrder: z.string().nullable(),
  product: z.string().nullable(),
  version: z.string().nullable(),
  workOrders: StationView.shape.workOrders,
  passed: z.number(),
  failed: z.number(),
  doctor: StationView.shape.doctor,
  nests: z.array(z.object({ name: z.string(), portPath: z.string(), hold: HoldNote.nullable() })),
});
/** What PostgreSQL knows of a station; its nests' present states come from the station itself. */
export type StationBase = z.infer<typeof StationBase>;

export interface StationsRepository {
  /** All stations by plant, line and name; of one, when an id is given. */
  bases(stationId?: string): Promise<readonly StationBase[]>;
  /** Notes the sign of life, how many results wait, and whether it came from another PC than the enrolled one. Answers with a text that changes whenever the station's setup does. */
  touch(
    stationId: string,
    agentVersion: string | null,
    status: Pick<StationStatus, "queuedResults" | "hardware">,
  ): Promise<string>;
}

/** What a station does first: the order at the head of its queue that has a unit left. */
const FIRST_ORDER = `
    SELECT o.number, o.product_id, o.release_id FROM station_order so JOIN work_order o ON o.id = so.work_order_id AND o.state = 'open'
     WHERE so.station_id = s.id ORDER BY o.used + o.reserved < o.quantity DESC, so.priority, so.set_at, o.id LIMIT 1`;

/** Attempts of the plant's own day, late ones left out. */
const BASES = statements(
  ["stationId"],
  StationBase,
  (isGiven) => `
SELECT s.id, s.name, l.name AS line, p.name AS plant, s.credential_hash IS NOT NULL AS enrolled,
       s.last_seen_at AS "lastSeenAt", s.agent_version AS "agentVersion", wo.number AS "workOrder",
       pr.name AS product, r.version, t.passed, t.failed,
       CASE WHEN s.doctor IS NOT NULL THEN (SELECT json_build_object('failed', count(*) FILTER (WHERE f ->> 'level' = 'fail'),
           'warned', count(*) FILTER (WHERE f ->> 'level' NOT IN ('ok', 'fail'))) FROM jsonb_array_elements(s.doctor -> 'findings') f) END AS doctor,
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
 CROSS JOIN LATERAL (
  SELECT coalesce(sum(q.passed), 0)::int AS passed, coalesce(sum(q.failed), 0)::int AS failed
    FROM station_quarter q WHERE q.station_id = s.id
     AND q.begins_at >= date_trunc('day', now() AT TIME ZONE p.time_zone) AT TIME ZONE p.time_zone) t
 ${whereSql([isGiven("stationId") ? "s.id = :stationId" : "l.retired_at IS NULL"])}
 ORDER BY p.name, l.name, s.name`,
);

const TOUCH = statement(
  ["stationId", "agentVersion", "queuedResults", "hardware"],
  z.object({ version: z.string().nullable() }),
  `
UPDATE station s SET last_seen_at = now(), agent_version = coalesce(:agentVersion, s.agent_version),
       queued_results = least(:queuedResults::bigint, 2147483647)::int,
       elsewhere_at = CASE WHEN s.hardware <> '{}' AND :hardware::text[] <> '{}' AND NOT s.hardware && :hardware::text[]
                           THEN now() ELSE s.elsewhere_at END,
       queued_since = CASE WHEN :queuedResults::bigint > 0 THEN coalesce(s.queued_since, now()) END
 WHERE s.id = :stationId
RETURNING (SELECT md5(concat_ws('|', s.name, l.name, p.name, p.time_zone, p.grant_hours > 0,
       (SELECT string_agg(concat_ws('/', wo.id, wo.quantity, wo.used + wo.reserved < wo.quantity, pr.title, pr.serial_pattern, r.manifest_sha256, r.state),
               '|' ORDER BY so.priority, so.set_at, wo.id)
          FROM station_order so JOIN work_order wo ON wo.id = so.work_order_id AND wo.state = 'open'
          JOIN product pr ON pr.id = wo.product_id JOIN release r ON r.id = wo.release_id WHERE so.station_id = s.id),
       (SELECT string_agg(concat_ws('/', n.name, n.port_path, ${NEST_HOLD}), '|' ORDER BY n.name)
          FROM nest n WHERE n.station_id = s.id),
       (SELECT string_agg(concat_ws('/', a.id, a.taken_by, a.overdue_at), '|' ORDER BY a.id)
          FROM alarm a WHERE a.recovered_at IS NULL AND a.rule = 'lead.called' AND a.station_id = s.id)))
  FROM line l JOIN plant p ON p.id = l.plant_id
 WHERE l.id = s.line_id) AS version`,
);

export function stationsRepository({ sql }: Database): StationsRepository {
  return {
    bases(stationId) {
      const values = { stationId };
      return sql.rows(BASES(values), values);
    },
    async touch(stationId, agentVersion, { queuedResults, hardware = [] }) {
      const values = { stationId, agentVersion, queuedResults, hardware };
      return (await sql.row(TOUCH, values))?.version ?? "";
    },
  };
}
