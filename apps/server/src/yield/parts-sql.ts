import { whereSql } from "../db/statement.ts";
import { type Selected, selectedSql } from "../selection/conditions.ts";
import { type Dimension, GROUPINGS } from "./groups.ts";

// What figures have in common, whether they are counted over attempts or told by what is counted ahead.

/** SQL: rows as one column of JSON. */
export const jsonSql = (rows: string, order: string): string =>
  `(SELECT coalesce(json_agg(t ORDER BY ${order}), '[]') FROM (${rows}) t)`;

/** SQL: the part of the stretch, by its number, in which a time is. */
export const bucketSql = (at: string): string =>
  `floor(date_part('epoch', (${at} AT TIME ZONE :bucketZone) - (:from::timestamptz AT TIME ZONE :bucketZone)) / :bucketS::int)::int`;

/** SQL: all parts of the stretch with what `by_bucket` counts in each. */
export const BUCKETS = jsonSql(
  `SELECT begins AS "from", least((at + :bucketS::int * interval '1 second') AT TIME ZONE :bucketZone, :to::timestamptz) AS "to",
          coalesce(b.n, 0) AS n, coalesce(b.passed, 0) AS passed, coalesce(b.units, 0) AS units,
          to_char(begins AT TIME ZONE :timeZone, :label) AS label
     FROM generate_series(:from::timestamptz AT TIME ZONE :bucketZone, (:to::timestamptz AT TIME ZONE :bucketZone) - interval '1 ms',
                          :bucketS::int * interval '1 second') WITH ORDINALITY AS g(at, number)
    CROSS JOIN LATERAL (SELECT at AT TIME ZONE :bucketZone AS begins) l
     LEFT JOIN by_bucket b ON b.bucket = g.number - 1`,
  `"from"`,
);

/** At most so many groups are told. */
const MOST_GROUPS = 200;
/** SQL: figures by a dimension; `sums` has a row for each `base`, its column of attempts. */
export function groupsSql(by: Dimension, sums: string): string {
  const { join, name, filter } = GROUPINGS[by];
  return jsonSql(
    `
  SELECT ${name} AS name, ${filter} AS filter, sum(g.units)::int AS units, sum(g."passedFirst")::int AS "passedFirst",
         sum(g."passedLast")::int AS "passedLast", sum(g."failedByHost")::int AS "failedByHost", sum(g.attempts)::int AS attempts,
         sum(g."passedAttempts")::int AS "passedAttempts", sum(g.incidents)::int AS incidents
    FROM (${sums}) g ${join}
   GROUP BY 1, 2 ORDER BY units DESC, 1 LIMIT ${MOST_GROUPS}`,
    "units DESC, name",
  );
}

/** What a job is not, or was not asked about. */
const NOT_OF_JOBS = [
  ...["from", "to", "outcome", "code", "blame", "virtual", "counted", "first"],
] as const;
/** SQL: how many jobs with an attempt in the selection are in the dark, whenever that was. */
export const unknownJobsSql = (isGiven: (name: Selected) => boolean): string => `
(SELECT count(*)::int FROM job j WHERE j.state = 'UNKNOWN' AND EXISTS (
   SELECT FROM attempt a ${whereSql(["a.unit_id = j.unit_id", "a.job_id = j.id", ...selectedSql(isGiven, "a", NOT_OF_JOBS)])}))`;
