import type { Database } from "../db/database.ts";

export interface PlantDay {
  readonly timeZone: string;
  readonly now: Date;
  readonly from: Date;
  readonly to: Date;
}

export interface YieldCounts {
  readonly cohort: number;
  readonly firstPassed: number;
  /** First attempts that failed with blame host. */
  readonly hostFailed: number;
  readonly finallyPassed: number;
  readonly attempts: number;
  readonly passedAttempts: number;
  readonly incidents: number;
  readonly unitsPassed: number;
  readonly unknownJobs: number;
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

export interface HourCounts {
  readonly from: Date;
  readonly to: Date;
  /** The plant's clock, "06:00". */
  readonly label: string;
  readonly n: number;
  readonly passed: number;
}

export interface FirstFailure {
  readonly code: string;
  readonly blame: string;
  readonly units: number;
}

export interface YieldRepository {
  /** The plant's day that is now; with several plants, of the first by name; UTC without any. */
  day(): Promise<PlantDay>;
  counts(day: PlantDay, product: string | null): Promise<YieldCounts>;
  /** One entry an hour of the day, 23 to 25 of them. */
  hours(day: PlantDay, product: string | null): Promise<readonly HourCounts[]>;
  firstFailures(day: PlantDay, product: string | null): Promise<readonly FirstFailure[]>;
}

const DAY = `
WITH zone AS (
  SELECT coalesce((SELECT time_zone FROM plant ORDER BY name LIMIT 1), 'UTC') AS name)
SELECT z.name AS "timeZone", now() AS now,
       date_trunc('day', now() AT TIME ZONE z.name) AT TIME ZONE z.name AS "from",
       (date_trunc('day', now() AT TIME ZONE z.name) + interval '1 day') AT TIME ZONE z.name AS "to"
  FROM zone z`;

/** $1 and $2 the window, $3 product or null. What an operator called off, or what contradicts its job, counts nowhere. */
const TODAY = `
today AS (
  SELECT a.* FROM attempt a JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
   WHERE a.received_at >= $1 AND a.received_at < $2 AND ($3::text IS NULL OR p.name = $3)
     AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'),
cohort AS (SELECT * FROM today WHERE first)`;

const COUNTS = `
WITH ${TODAY},
latest AS (
  SELECT (SELECT l.outcome FROM attempt l WHERE l.unit_id = c.unit_id AND l.step_id = c.step_id
             AND l.outcome IS NOT NULL AND l.code IS DISTINCT FROM 'attempt.cancelled'
             AND l.contradictions = '{}'
           ORDER BY l.accepted_at DESC, l.id DESC LIMIT 1) AS outcome FROM cohort c)
SELECT (SELECT count(*)::int FROM cohort) AS cohort,
       (SELECT count(*)::int FROM cohort WHERE outcome = 'PASS') AS "firstPassed",
       (SELECT count(*)::int FROM cohort WHERE outcome = 'FAIL' AND blame = 'host') AS "hostFailed",
       (SELECT count(*)::int FROM latest WHERE outcome = 'PASS') AS "finallyPassed",
       count(*)::int AS attempts,
       count(*) FILTER (WHERE outcome = 'PASS')::int AS "passedAttempts",
       count(*) FILTER (WHERE link_incident)::int AS incidents,
       count(DISTINCT unit_id) FILTER (WHERE outcome = 'PASS')::int AS "unitsPassed",
       (SELECT count(*)::int FROM job j JOIN unit u ON u.id = j.unit_id
          JOIN product p ON p.id = u.product_id
         WHERE j.state = 'UNKNOWN' AND ($3::text IS NULL OR p.name = $3)) AS "unknownJobs",
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS "medianMs",
       percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS "p95Ms"
  FROM today`;

const HOURS = `
WITH ${TODAY}
SELECT h AS "from", least(h + interval '1 hour', $2::timestamptz) AS "to",
       to_char(h AT TIME ZONE $4, 'HH24:MI') AS label, count(c.id)::int AS n,
       count(c.id) FILTER (WHERE c.outcome = 'PASS')::int AS passed
  FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 ms', interval '1 hour') h
  LEFT JOIN cohort c ON c.received_at >= h AND c.received_at < h + interval '1 hour'
 GROUP BY h ORDER BY h`;

const PARETO = `
WITH ${TODAY}
SELECT coalesce(code, 'internal.bug') AS code, coalesce(blame, 'system') AS blame,
       count(*)::int AS units
  FROM cohort WHERE outcome = 'FAIL' GROUP BY 1, 2 ORDER BY 3 DESC, 1`;

export function yieldRepository({ sql }: Database): YieldRepository {
  const window = (day: PlantDay, product: string | null) => [day.from, day.to, product];
  return {
    async day() {
      const [row] = await sql.query<PlantDay>(DAY);
      const now = new Date();
      return row ?? { timeZone: "UTC", now, from: now, to: now };
    },
    async counts(day, product) {
      const [row] = await sql.query<YieldCounts>(COUNTS, window(day, product));
      return (
        row ?? {
          cohort: 0,
          firstPassed: 0,
          hostFailed: 0,
          finallyPassed: 0,
          attempts: 0,
          passedAttempts: 0,
          incidents: 0,
          unitsPassed: 0,
          unknownJobs: 0,
          medianMs: null,
          p95Ms: null,
        }
      );
    },
    hours: (day, product) => sql.query<HourCounts>(HOURS, [...window(day, product), day.timeZone]),
    firstFailures: (day, product) => sql.query<FirstFailure>(PARETO, window(day, product)),
  };
}
