import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement, statements, whereSql } from "../db/statement.ts";

const PlantDay = z.object({
  /** Null: all plants, by UTC. */
  plant: z.string().nullable(),
  timeZone: z.string(),
  now: z.date(),
  from: z.date(),
  to: z.date(),
});
export type PlantDay = z.infer<typeof PlantDay>;

const Yield = z.object({
  cohort: z.number(),
  firstPassed: z.number(),
  /** First attempts that failed with blame host. */
  hostFailed: z.number(),
  finallyPassed: z.number(),
  attempts: z.number(),
  passedAttempts: z.number(),
  incidents: z.number(),
  unitsPassed: z.number(),
  unknownJobs: z.number(),
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
  /** One entry an hour of the day, 23 to 25 of them; `label` is the plant's clock, "06:00". */
  hours: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      label: z.string(),
      n: z.number(),
      passed: z.number(),
    }),
  ),
  firstFailures: z.array(z.object({ code: z.string(), blame: z.string(), units: z.number() })),
});
export type Yield = z.infer<typeof Yield>;

export interface YieldRepository {
  /**
   * The day that is now of the plant with this name; of null, of the only plant. Of several plants together it is UTC's day: each
   * has its own midnight. Undefined: there is no such plant.
   */
  day(plant: string | null): Promise<PlantDay | undefined>;
  of(day: PlantDay, product: string | null): Promise<Yield>;
}

const DAY = statement(
  ["plant"],
  PlantDay,
  `
WITH zone AS (
  SELECT name AS plant, time_zone AS name FROM plant
   WHERE name = :plant OR (:plant::text IS NULL AND (SELECT count(*) FROM plant) = 1)
  UNION ALL
  SELECT NULL, 'UTC' WHERE :plant::text IS NULL AND (SELECT count(*) FROM plant) <> 1)
SELECT z.plant, z.name AS "timeZone", now() AS now,
       date_trunc('day', now() AT TIME ZONE z.name) AT TIME ZONE z.name AS "from",
       (date_trunc('day', now() AT TIME ZONE z.name) + interval '1 day') AT TIME ZONE z.name AS "to"
  FROM zone z`,
);

/**
 * The day's attempts are read once, without what the figures do not need. What an operator called off, or what contradicts its job,
 * counts nowhere. A unit's latest attempt is one of the day's, unless its first one began before the day and was told late: only
 * those are looked up.
 */
const OF_DAY = statements(["from", "to", "timeZone", "product", "plant"], Yield, (isGiven) => {
  const ofProduct = (order: string) =>
    isGiven("product") &&
    `${order} IN (SELECT w.id FROM work_order w JOIN product p ON p.id = w.product_id WHERE p.name = :product)`;
  const atPlant =
    isGiven("plant") &&
    "station_id IN (SELECT s.id FROM station s JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id WHERE p.name = :plant)";
  const counted = "code IS DISTINCT FROM 'attempt.cancelled' AND contradictions = '{}'";
  const inDay = "received_at >= :from AND received_at < :to";
  return `
WITH today AS MATERIALIZED (
  SELECT id, unit_id, step_id, outcome, code, blame, first, link_incident, duration_ms, accepted_at, received_at
    FROM attempt ${whereSql([inDay, counted, ofProduct("work_order_id"), atPlant])}),
cohort AS MATERIALIZED (SELECT * FROM today WHERE first),
last_today AS (
  SELECT DISTINCT ON (unit_id, step_id) outcome, max(accepted_at) FILTER (WHERE first) OVER (PARTITION BY unit_id, step_id) AS began
    FROM today ORDER BY unit_id, step_id, accepted_at DESC, id DESC),
latest AS (
  SELECT outcome FROM last_today WHERE began >= :from
  UNION ALL
  SELECT (SELECT outcome FROM attempt WHERE unit_id = c.unit_id AND step_id = c.step_id AND outcome IS NOT NULL AND ${counted}
           ORDER BY accepted_at DESC, id DESC LIMIT 1)
    FROM cohort c WHERE c.accepted_at < :from),
by_hour AS (
  SELECT floor(extract(epoch FROM received_at - :from::timestamptz) / 3600)::int AS hour, count(*) AS n,
         count(*) FILTER (WHERE outcome = 'PASS') AS passed
    FROM cohort GROUP BY 1),
hours AS (
  SELECT at, least(at + interval '1 hour', :to::timestamptz) AS until, coalesce(b.n, 0) AS n, coalesce(b.passed, 0) AS passed
    FROM generate_series(:from::timestamptz, :to::timestamptz - interval '1 ms', interval '1 hour') WITH ORDINALITY AS g(at, number)
    LEFT JOIN by_hour b ON b.hour = g.number - 1),
failures AS (
  SELECT coalesce(code, 'internal.bug') AS code, coalesce(blame, 'system') AS blame, count(*) AS units
    FROM cohort WHERE outcome = 'FAIL' GROUP BY 1, 2)
SELECT (SELECT count(*)::int FROM cohort) AS cohort,
       (SELECT count(*)::int FROM cohort WHERE outcome = 'PASS') AS "firstPassed",
       (SELECT count(*)::int FROM cohort WHERE outcome = 'FAIL' AND blame = 'host') AS "hostFailed",
       (SELECT count(*)::int FROM latest WHERE outcome = 'PASS') AS "finallyPassed",
       count(*)::int AS attempts,
       count(*) FILTER (WHERE outcome = 'PASS')::int AS "passedAttempts",
       count(*) FILTER (WHERE link_incident)::int AS incidents,
       count(DISTINCT unit_id) FILTER (WHERE outcome = 'PASS')::int AS "unitsPassed",
       (SELECT count(*)::int FROM job ${whereSql(["state = 'UNKNOWN'", ofProduct("work_order_id"), atPlant])}) AS "unknownJobs",
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS "medianMs",
       percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS "p95Ms",
       (SELECT json_agg(json_build_object('from', at, 'to', until, 'n', n, 'passed', passed,
                 'label', to_char(at AT TIME ZONE :timeZone, 'HH24:MI')) ORDER BY at) FROM hours) AS hours,
       (SELECT coalesce(json_agg(json_build_object('code', code, 'blame', blame, 'units', units) ORDER BY units DESC, code), '[]')
          FROM failures) AS "firstFailures"
  FROM today`;
});

export function yieldRepository({ sql }: Database): YieldRepository {
  return {
    day: (plant) => sql.row(DAY, { plant }),
    async of({ plant, from, to, timeZone }, product) {
      const values = {
        from,
        to,
        timeZone,
        product: product ?? undefined,
        plant: plant ?? undefined,
      };
      const row = await sql.row(OF_DAY(values), values);
      if (row === undefined) throw new FlashlineError("internal.bug", "A yield has no row.");
      return row;
    },
  };
}
