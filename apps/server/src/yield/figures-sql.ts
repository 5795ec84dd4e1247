import { whereSql } from "../db/statement.ts";
import { countedSql, type Selected, selectedSql } from "../selection/conditions.ts";
import { baseSql, type Dimension } from "./groups.ts";
import { BUCKETS, bucketSql, groupsSql, jsonSql, unknownJobsSql } from "./parts-sql.ts";

/** A host that stands there, or comes there soon after, is what made the attempt fail. */
const BAD = "IN ('SUSPECT', 'QUARANTINE')";
/** Evidence that leads to a verdict is at most so old. */
const LEADS_TO_VERDICT = "interval '14 days'";
/**
 * SQL: whether attempt `a` failed by the fault of a host that the verdict holds for bad: it did when the attempt began, or did within the
 * two weeks after. A failure that a healthy host is blamed for by its code stays the product's: a bad batch of boards loses the link too.
 */
export const byHostSql = (
  a: string,
): string => `(${a}.outcome = 'FAIL' AND ${a}.blame = 'host' AND (
  EXISTS (SELECT FROM verdict_step v WHERE v.level = 'controller' AND v.name = ${a}.host_id::text AND v.to_rung ${BAD}
             AND v.at > ${a}.accepted_at AND v.at <= ${a}.accepted_at + ${LEADS_TO_VERDICT})
  OR coalesce((SELECT v.to_rung ${BAD} FROM verdict_step v WHERE v.level = 'controller' AND v.name = ${a}.host_id::text
      AND v.at <= ${a}.accepted_at ORDER BY v.at DESC, v.id DESC LIMIT 1), false)))`;

/** SQL: the first step of each product's route. */
export const HEADS =
  "SELECT DISTINCT ON (product_id) id FROM process_step ORDER BY product_id, position";

/** What is counted of a cohort. */
const COHORT = `
count(*)::int AS units, (count(*) FILTER (WHERE by_1))::int AS "passedFirst", (count(*) FILTER (WHERE by_2))::int AS "passedSecond",
(count(*) FILTER (WHERE by_3))::int AS "passedThird", (count(*) FILTER (WHERE at_last))::int AS "passedLast",
(count(*) FILTER (WHERE by_host))::int AS "failedByHost", (count(*) FILTER (WHERE again))::int AS retested,
(count(*) FILTER (WHERE no_trouble))::int AS "noTrouble"`;
const ATTEMPTS = `
count(*)::int AS attempts, (count(*) FILTER (WHERE outcome = 'PASS'))::int AS "passedAttempts",
(count(*) FILTER (WHERE link_incident))::int AS incidents`;
const TIMES = (ms: string) => `
count(${ms})::int AS n, percentile_cont(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (ORDER BY ${ms}) AS quantiles`;

/** Sums by the dimension's own column; what is joined to it comes after. */
function sumsBy(by: Dimension): string {
  const base = baseSql(by, "accepted_at");
  const from = by === "step" ? "ours" : "chosen";
  const cohort = by === "step" ? "cohort" : "main";
  return `
  SELECT base, coalesce(c.units, 0) AS units, coalesce(c."passedFirst", 0) AS "passedFirst", coalesce(c."passedLast", 0) AS "passedLast",
         coalesce(c."failedByHost", 0) AS "failedByHost", a.attempts, a."passedAttempts", a.incidents
    FROM (SELECT ${base} AS base, ${ATTEMPTS} FROM ${from} x GROUP BY 1) a
    LEFT JOIN (SELECT ${base} AS base, ${COHORT} FROM ${cohort} x GROUP BY 1) c USING (base)`;
}

/**
 * SQL: all figures of a selection in one row. Its attempts are read once, without what the figures do not need. A cohort's further
 * attempts are looked up wherever and whenever they were: what became of a unit does not depend on the selection.
 */
export function figuresSql(
  isGiven: (name: Selected) => boolean,
  by: Dimension | undefined,
  withPhases: boolean,
): string {
  const columns = [
    ...["unit_id", "step_id", "station_id", "nest_id", "host_id", "release_id", "work_order_id"],
    ...["outcome", "code", "blame", "first", "link_incident", "duration_ms", "accepted_at"],
    "virtual",
    ...(withPhases ? ["phase_ms"] : []),
  ].map((column) => `a.${column}`);
  const batch = by === "batch" ? ", coalesce(u.batch, '') AS batch" : "";
  const units = by === "batch" ? "JOIN unit u ON u.id = a.unit_id" : "";
  const heads = isGiven("step") ? "" : "WHERE step_id IN (SELECT id FROM heads)";
  const head = isGiven("step") ? "true" : "c.step_id IN (SELECT id FROM heads)";
  return `
WITH heads AS MATERIALIZED (${HEADS}),
everything AS MATERIALIZED (
  SELECT ${columns.join(", ")}${batch} FROM attempt a ${units} ${whereSql([countedSql("a"), ...selectedSql(isGiven)])}),
kind AS MATERIALIZED (SELECT coalesce(NOT bool_or(NOT virtual), false) AS virtual FROM everything),
ours AS NOT MATERIALIZED (SELECT * FROM everything WHERE virtual = (SELECT virtual FROM kind)),
chosen AS NOT MATERIALIZED (SELECT * FROM ours ${heads}),
began AS MATERIALIZED (SELECT * FROM ours WHERE first),
later AS MATERIALIZED (
  SELECT a.unit_id, a.step_id, array_agg(a.outcome ORDER BY a.accepted_at, a.id) AS outcomes,
         min(a.accepted_at) FILTER (WHERE a.outcome = 'PASS') AS passed_at
    FROM attempt a JOIN began b ON b.unit_id = a.unit_id AND b.step_id = a.step_id
   WHERE NOT a.first AND a.received_at IS NOT NULL AND a.accepted_at >= :from::timestamptz AND ${countedSql("a")} GROUP BY 1, 2),
cohort AS MATERIALIZED (
  SELECT c.*, ${head} AS head, l.outcomes IS NOT NULL AS again, c.outcome = 'PASS' AS by_1,
         c.outcome = 'PASS' OR coalesce(l.outcomes[1] = 'PASS', false) AS by_2,
         c.outcome = 'PASS' OR coalesce('PASS' = ANY (l.outcomes[1:2]), false) AS by_3,
         coalesce(l.outcomes[cardinality(l.outcomes)], c.outcome) = 'PASS' AS at_last,
         c.outcome = 'FAIL' AND l.passed_at IS NOT NULL AND NOT EXISTS (
           SELECT FROM rework w WHERE w.unit_id = c.unit_id AND w.kind = 'repair' AND w.at > c.accepted_at AND w.at < l.passed_at) AS no_trouble,
         ${byHostSql("c")} AS by_host
    FROM began c LEFT JOIN later l ON l.unit_id = c.unit_id AND l.step_id = c.step_id),
main AS NOT MATERIALIZED (SELECT * FROM cohort WHERE head),
places AS NOT MATERIALIZED (
  SELECT p.*, ${bucketSql("accepted_at")} AS bucket
    FROM (SELECT accepted_at, outcome, first, unit_id FROM chosen) p),
by_bucket AS (
  SELECT bucket, (count(*) FILTER (WHERE first))::int AS n, (count(*) FILTER (WHERE first AND outcome = 'PASS'))::int AS passed,
         (count(DISTINCT unit_id) FILTER (WHERE outcome = 'PASS'))::int AS units
    FROM places GROUP BY 1)
SELECT (SELECT virtual FROM kind) AS virtual,
       (SELECT count(*)::int FROM everything WHERE virtual <> (SELECT virtual FROM kind)) AS "leftOut",
       (SELECT row_to_json(t) FROM (SELECT ${COHORT} FROM main) t) AS cohort,
       (SELECT row_to_json(t) FROM (SELECT ${ATTEMPTS}, (count(DISTINCT unit_id) FILTER (WHERE outcome = 'PASS'))::int AS "unitsPassed"
          FROM chosen) t) AS attempts,
       (SELECT row_to_json(t) FROM (SELECT ${TIMES("duration_ms")} FROM chosen) t) AS times,
       ${withPhases ? jsonSql(`SELECT k.phase, ${TIMES("k.ms::float8")} FROM chosen c, jsonb_each_text(c.phase_ms) k(phase, ms) GROUP BY 1`, "phase") : "NULL::json"} AS phases,
       ${jsonSql(
         `SELECT p.name AS product, s.name AS step, s.position, ${COHORT} FROM cohort c JOIN process_step s ON s.id = c.step_id
          JOIN product p ON p.id = s.product_id GROUP BY p.name, s.name, s.position`,
         "product, position",
       )} AS steps,
       ${by === undefined ? "NULL::json" : groupsSql(by, sumsBy(by))} AS groups,
       ${BUCKETS} AS buckets,
       ${jsonSql(
         `SELECT coalesce(code, 'internal.bug') AS code, coalesce(blame, 'system') AS blame, count(*)::int AS units FROM main
           WHERE outcome = 'FAIL' GROUP BY 1, 2`,
         "units DESC, code, blame",
       )} AS pareto,
       ${jsonSql(
         `SELECT coalesce(code, 'internal.bug') AS code, coalesce(blame, 'system') AS blame, count(*)::int AS attempts FROM chosen
           WHERE outcome = 'FAIL' GROUP BY 1, 2`,
         "attempts DESC, code, blame",
       )} AS "paretoAttempts",
       ${unknownJobsSql(isGiven)} AS "unknownJobs"`;
}
