import { RUNGS, type StepEvidence } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** What a step's evidence lists at most. */
const MOST = { units: 50, strata: 20, points: 100 };

const POINT = z.object({
  at: z.date(),
  r: z.number(),
  d: z.number(),
  n: z.number(),
  y: z.number(),
  m: z.number(),
  c: z.number(),
  rung: z.enum(RUNGS),
});

/** The latest first. */
const SERIES = statement(
  ["level", "name", "population", "upTo", "most"],
  POINT,
  `
SELECT at, r, d, n, y, m, c, rung FROM verdict_lesson
 WHERE level = :level AND name = :name AND population = :population AND number <= :upTo::int ORDER BY number DESC LIMIT :most`,
);

/** Counted attempts of a host in a stretch of time. */
const WORKED = `
  SELECT a.id, a.unit_id, a.received_at, a.link_incident, a.release_id, a.work_order_id
    FROM attempt a WHERE a.host_id = :host::uuid AND a.received_at >= :from::timestamptz AND a.received_at <= :upTo::timestamptz
     AND a.outcome IS NOT NULL AND a.code IS DISTINCT FROM 'attempt.cancelled' AND a.contradictions = '{}'`;

const UNITS = statement(
  ["host", "from", "upTo", "most"],
  z.object({ serial: z.string(), attemptId: z.string(), all: z.number() }),
  `
WITH lost AS (
  SELECT DISTINCT ON (w.unit_id) w.unit_id, w.id, w.received_at FROM (${WORKED}) w WHERE w.link_incident
   ORDER BY w.unit_id, w.received_at, w.id)
SELECT u.serial, l.id AS "attemptId", count(*) OVER ()::int AS "all" FROM lost l JOIN unit u ON u.id = l.unit_id
 ORDER BY l.received_at, l.id LIMIT :most`,
);

const STRATA = statement(
  ["host", "from", "upTo", "most"],
  z.object({ name: z.string(), units: z.number(), incidents: z.number() }),
  `
WITH worked AS (${WORKED})
SELECT concat(p.name, ' ', r.version, ', ', coalesce('batch ' || u.batch, 'order ' || wo.number)) AS name,
       count(DISTINCT w.unit_id)::int AS units, count(DISTINCT w.unit_id) FILTER (WHERE w.link_incident)::int AS incidents
  FROM worked w JOIN unit u ON u.id = w.unit_id JOIN product p ON p.id = u.product_id JOIN release r ON r.id = w.release_id
  JOIN work_order wo ON wo.id = w.work_order_id
 GROUP BY 1 ORDER BY incidents DESC, units DESC, 1 LIMIT :most`,
);

const SERIALS = statement(
  ["ids"],
  z.object({ serial: z.string() }),
  "SELECT serial FROM unit WHERE id = ANY(:ids::uuid[]) ORDER BY array_position(:ids::uuid[], id)",
);

/** A group and the population that it is judged in. */
export interface GroupIn {
  readonly level: string;
  readonly name: string;
  readonly population: string;
}

/** Its latest lessons up to one of them, the oldest first. */
export async function seriesOf(
  sql: Sql,
  group: GroupIn,
  upTo: number = 2 ** 31 - 1,
  most: number = MOST.points,
): Promise<StepEvidence["series"]> {
  const rows = await sql.rows(SERIES, { ...group, upTo, most });
  return rows.toReversed().map(({ at, ...point }) => ({ at: at.toISOString(), ...point }));
}

/** The units that lost the link at a host in a stretch of time, and what they were. */
export async function unitsOfHost(
  sql: Sql,
  host: string,
  from: Date,
  upTo: Date,
): Promise<Pick<StepEvidence, "units" | "left" | "strata">> {
  const units = await sql.rows(UNITS, { host, from, upTo, most: MOST.units });
  const strata = await sql.rows(STRATA, { host, from, upTo, most: MOST.strata });
  return {
    units: units.map(({ serial, attemptId }) => ({ serial, attemptId })),
    left: Math.max(0, (units[0]?.all ?? 0) - units.length),
    strata: [...strata],
  };
}

/** The units with these ids; for groups of which only the first ones are known. */
export async function unitsNamed(
  sql: Sql,
  ids: readonly string[],
): Promise<Pick<StepEvidence, "units" | "left" | "strata">> {
  const rows = ids.length === 0 ? [] : await sql.rows(SERIALS, { ids });
  return { units: rows.map(({ serial }) => ({ serial, attemptId: null })), left: 0, strata: [] };
}
