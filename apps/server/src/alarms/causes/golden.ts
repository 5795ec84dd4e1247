import { goldenDueSql } from "../../db/golden.ts";
import { NEST_HOLD, NEST_IN_USE } from "../../db/held.ts";
import { sqlSource } from "./source.ts";

/** Before the unit is refused, so that another one is there by then. */
export const wornGolden = sqlSource(
  "golden.worn",
  "work",
  `
SELECT r.scope, 'other' AS "subjectKind", g.id AS "subjectId", g.serial AS "subjectName", NULL::uuid AS "stationId",
       jsonb_build_object('worn', g.worn, 'cycles', g.cycles) AS parameters, true AS raises
  FROM rule r JOIN golden_unit g ON g.plant_id = r.scope AND g.retired_at IS NULL AND g.worn >= r.share * g.cycles`,
);

/** Of a nest that somebody has stopped no check is asked for. */
export const overdueGolden = sqlSource(
  "golden.overdue",
  "time",
  `
SELECT r.scope, 'nest' AS "subjectKind", d.id AS "subjectId", d.name AS "subjectName", d."stationId",
       jsonb_build_object('since', to_char(d.due AT TIME ZONE d.time_zone, 'YYYY-MM-DD HH24:MI')) AS parameters,
       d.due < now() - make_interval(secs => r.hours * 3600) AS raises
  FROM rule r JOIN LATERAL (
    SELECT n.id, s.name || '/' || n.name AS name, s.id AS "stationId", p.time_zone, ${goldenDueSql("n", "p")} AS due
      FROM line l JOIN plant p ON p.id = l.plant_id JOIN station s ON s.line_id = l.id AND s.credential_hash IS NOT NULL
      JOIN nest n ON n.station_id = s.id AND ${NEST_IN_USE}
     WHERE l.plant_id = r.scope AND EXISTS (SELECT FROM golden_rule g WHERE g.plant_id = p.id AND g.every <> 'never') AND ${NEST_HOLD} IS NULL) d ON d.due <= now()`,
);
