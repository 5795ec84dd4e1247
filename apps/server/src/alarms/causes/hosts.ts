import { heldSql } from "../../db/held.ts";
import { HOST_NAME } from "../../insight/host-names.ts";
import { sqlSource } from "./source.ts";

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
