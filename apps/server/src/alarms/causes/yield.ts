import { ALARM_RULES } from "@flashline/contract";
import { z } from "zod";
import { countedSql } from "../../selection/conditions.ts";
import { proportion } from "../../verdict/index.ts";
import { HEADS } from "../../yield/figures-sql.ts";
import { causeStatement, FOUND, type Found, type Source, scopesValue } from "./source.ts";

/** Results that are looked at in all, the latest first: a busy plant has that many in an hour or two. */
const MOST = 2_000;

/**
 * As yields count: of each product its first step, virtual units only where there are no real ones, and what a station made where it stood then. The longest
 * time stands in the text too: of a time that comes from a setting PostgreSQL does not know how little it is.
 */
const COUNTS = causeStatement(
  "yield.low",
  z.object({
    ...FOUND,
    units: z.number(),
    passed: z.number(),
    share: z.number(),
    least: z.number(),
  }),
  `,
recent AS MATERIALIZED (
  SELECT a.outcome, a.accepted_at, a.received_at, a.station_id, a.work_order_id, a.virtual FROM attempt a
   WHERE a.step_id IN (${HEADS}) AND a.received_at > now() - interval '${ALARM_RULES["yield.low"].settings.hours.most} hours' AND a.first
     AND a.received_at > now() - make_interval(hours => (SELECT max(hours)::int FROM rule))
     AND ${countedSql("a")}
   ORDER BY a.received_at DESC, a.id DESC LIMIT ${MOST})
SELECT DISTINCT ON (r.scope, p.id) r.scope, 'product' AS "subjectKind", p.id AS "subjectId", p.name AS "subjectName", NULL::uuid AS "stationId",
       count(*)::int AS units, count(*) FILTER (WHERE a.outcome = 'PASS')::int AS passed, r.share, r.units AS least
  FROM recent a JOIN station_line sl ON sl.station_id = a.station_id AND sl.since <= a.accepted_at AND a.accepted_at < sl.until
  JOIN line l ON l.id = sl.line_id JOIN rule r ON r.scope = l.plant_id
  JOIN work_order w ON w.id = a.work_order_id JOIN product p ON p.id = w.product_id
 WHERE a.received_at > now() - make_interval(hours => r.hours::int)
 GROUP BY r.scope, r.share, r.units, p.id, p.name, a.virtual ORDER BY r.scope, p.id, a.virtual`,
);

/**
 * First-pass yield below a limit. It is raised when the whole interval is below, and stays until the yield itself is not: figures that move
 * about the limit make one alarm.
 */
export const lowYield: Source = {
  rule: "yield.low",
  changesWith: "work",
  async find(sql, scopes) {
    const rows = await sql.rows(COUNTS, scopesValue(scopes));
    return rows.flatMap(({ units, passed, share, least, ...of }): Found[] => {
      if (passed >= units * share) return [];
      const limit = Math.round(share * 1_000) / 10;
      const raises = units >= least && proportion(passed, units).high < share;
      return [{ ...of, rule: "yield.low", parameters: { units, passed, limit }, raises }];
    });
  },
};
