import { heldSql } from "../../db/held.ts";
import { HOST_NAME } from "../../db/host-names.ts";
import { sqlSource } from "./source.ts";

/**
 * What came in is read within seconds. One that is worked out anew is behind, and goes on. In a plant at work something is nearly always
 * just unread: that alone keeps no alarm open.
 */
export const stuckVerdict = sqlSource(
  "verdict.behind",
  "time",
  `
SELECT r.scope, 'server' AS "subjectKind", 'verdict' AS "subjectId", 'verdict on hosts' AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('since', to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) AS parameters,
       greatest(l.at, v.worked_at) < now() - make_interval(mins => r.minutes::int) AS raises
  FROM rule r CROSS JOIN verdict_progress v JOIN ledger l ON l.position = v.position + 1
 WHERE greatest(l.at, v.worked_at) < now() - make_interval(secs => r.minutes * 30)`,
);

/** The verdict as it stands. A quarantine is what it asked for. */
export const suspectHosts = sqlSource(
  "host.suspect",
  "work",
  `
SELECT r.scope, 'host' AS "subjectKind", h.id AS "subjectId", hn.name AS "subjectName", known.id AS "stationId",
       jsonb_build_object('evidence', h.evidence) AS parameters, true AS raises
  FROM host h ${HOST_NAME}
 CROSS JOIN LATERAL (
   SELECT s.id, l.plant_id FROM station s JOIN line l ON l.id = s.line_id
    WHERE s.id = h.station_id OR EXISTS (SELECT FROM nest n WHERE n.station_id = s.id AND n.host_id = h.id)
    ORDER BY s.id = h.station_id DESC, s.name LIMIT 1) known
  JOIN rule r ON r.scope = known.plant_id
 WHERE h.verdict = 'SUSPECT' AND NOT EXISTS (SELECT ${heldSql(["h.id"])})`,
);
