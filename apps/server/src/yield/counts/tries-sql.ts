import { whereSql } from "../../db/statement.ts";
import { byHostSql } from "../../selection/by-host.ts";
import { countedSql } from "../../selection/conditions.ts";
import { binSql } from "./bins.ts";
import { NOBODY } from "./columns.ts";

const flag = (condition: string) => `(${condition})::int`;
/** Of a first attempt alone. */
const ofFirst = (condition: string) => flag(`a.first AND (${condition})`);

/** What is not a time was not told. */
const PHASES_OF = `CROSS JOIN LATERAL (
       SELECT array_agg(phase ORDER BY phase) AS phases, array_agg(${binSql("ms::float8")} ORDER BY phase) AS bins,
              array_agg(1 ORDER BY phase) AS counts
         FROM jsonb_each_text(a.phase_ms) k(phase, ms) WHERE ms IS NOT NULL) k`;

/**
 * SQL: attempts `a` that count, as they are counted ahead, each as a count of one. What became of a unit is looked up wherever and whenever it was.
 */
export const triesSql = (conditions: readonly string[], withPhases: boolean): string => `
SELECT a.accepted_at AS begins_at, a.virtual, a.step_id, a.release_id, a.station_id, a.nest_id, a.host_id, a.work_order_id, a.outcome,
       coalesce(a.code, '') AS code, coalesce(a.blame, '') AS blame,
       CASE WHEN a.outcome = 'PASS' AND l.passes > 1 THEN a.unit_id ELSE '${NOBODY}' END AS unit_id,
       1 AS attempts, ${flag("a.first")} AS units,
       ${ofFirst("a.outcome = 'PASS' OR coalesce(l.outcomes[1] = 'PASS', false)")} AS passed_second,
       ${ofFirst("a.outcome = 'PASS' OR coalesce('PASS' = ANY (l.outcomes[1:2]), false)")} AS passed_third,
       ${ofFirst("coalesce(l.outcomes[cardinality(l.outcomes)], a.outcome) = 'PASS'")} AS passed_last,
       CASE WHEN a.first AND a.outcome = 'FAIL' AND a.blame = 'host' THEN ${flag(byHostSql("a"))} ELSE 0 END AS failed_by_host,
       ${ofFirst("l.outcomes IS NOT NULL")} AS retested,
       ${ofFirst(`a.outcome = 'FAIL' AND l.passed_at IS NOT NULL AND NOT EXISTS (SELECT FROM rework w
           WHERE w.unit_id = a.unit_id AND w.kind = 'repair' AND w.at > a.accepted_at AND w.at < l.passed_at)`)} AS no_trouble,
       ${flag("a.link_incident")} AS incidents,
       CASE WHEN a.duration_ms IS NULL THEN '{}' ELSE ARRAY[${binSql("a.duration_ms")}] END::smallint[] AS bins,
       CASE WHEN a.duration_ms IS NULL THEN '{}' ELSE '{1}' END::int[] AS bin_counts${withPhases ? ", coalesce(k.phases, '{}') AS phases, coalesce(k.bins, '{}') AS phase_bins, coalesce(k.counts, '{}') AS phase_counts" : ""}
  FROM attempt a
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE l.outcome = 'PASS') AS passes,
              array_agg(l.outcome ORDER BY l.accepted_at, l.id) FILTER (WHERE NOT l.first) AS outcomes,
              min(l.accepted_at) FILTER (WHERE NOT l.first AND l.outcome = 'PASS') AS passed_at
         FROM attempt l WHERE l.unit_id = a.unit_id AND l.step_id = a.step_id AND ${countedSql("l")}) l
 ${withPhases ? PHASES_OF : ""}
 ${whereSql([countedSql("a"), ...conditions])}`;
