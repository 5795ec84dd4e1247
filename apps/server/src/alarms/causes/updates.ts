import { describeCode, isKnownCode } from "@flashline/contract";
import { z } from "zod";
import { causeStatement, FOUND, type Found, type Source, scopesValue } from "./source.ts";

/** The latest update of each station. */
const FAILED = causeStatement(
  "update.failed",
  z.object({ ...FOUND, version: z.string(), runs: z.string(), code: z.string() }),
  `
SELECT r.scope, 'station' AS "subjectKind", s.id AS "subjectId", s.name AS "subjectName", s.id AS "stationId",
       q.version, coalesce(s.agent_version, u.before) AS runs, coalesce(u.progress ->> 'code', '') AS code
  FROM rule r JOIN line l ON l.plant_id = r.scope JOIN station s ON s.line_id = l.id AND s.credential_hash IS NOT NULL
 CROSS JOIN LATERAL (
   SELECT u.push_id, u.state, u.before, u.progress FROM station_update u WHERE u.station_id = s.id ORDER BY u.id DESC LIMIT 1) u
  JOIN update_push q ON q.id = u.push_id AND q.state <> 'ended'
 WHERE u.state = 'failed' AND s.agent_version IS DISTINCT FROM q.version`,
);

/** Stations that did not take their update, or went back. */
export const failedUpdates: Source = {
  rule: "update.failed",
  changesWith: "time",
  async find(sql, scopes) {
    const rows = await sql.rows(FAILED, scopesValue(scopes));
    return rows.map(({ version, runs, code, ...of }): Found => {
      const why = isKnownCode(code) ? describeCode(code).meaning : "It did not say why.";
      return { ...of, rule: "update.failed", parameters: { version, runs, why }, raises: true };
    });
  },
};
