import type { UnitDetail, UnitView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { failedSql, OPEN_SQL } from "../jobs/moves.ts";

export interface UnitsRepository {
  /** Units whose serial contains `search`, the latest worked on first. */
  find(search: string, state: string | undefined, limit: number): Promise<UnitView[]>;
  /** Without its attempts. */
  detail(id: string): Promise<Omit<UnitDetail, "history"> | null>;
}

/** A unit is what its latest job that was not called off says. A job that was superseded had an unknown end. */
const UNITS = `
SELECT u.id, u.serial, p.name AS product, u.board_revision AS "boardRevision", u.batch,
       u.created_at AS "createdAt", j.changed_at AS worked,
       CASE WHEN j.state IS NULL THEN 'new' WHEN j.state = 'PASSED' THEN 'passed'
            WHEN j.failed THEN 'failed' WHEN j.state IN (${OPEN_SQL}) THEN 'in work'
            ELSE 'unknown' END AS state
  FROM unit u JOIN product p ON p.id = u.product_id
  LEFT JOIN LATERAL (SELECT j.state, j.changed_at, ${failedSql("j")} AS failed FROM job j
     WHERE j.unit_id = u.id AND (j.state <> 'CANCELLED' OR ${failedSql("j")}) ORDER BY j.created_at DESC, j.id DESC LIMIT 1) j ON true`;

const TRIES = `
(SELECT count(*)::int FROM attempt a WHERE a.unit_id = f.id) AS attempts,
(SELECT max(coalesce(a.received_at, a.accepted_at)) FROM attempt a WHERE a.unit_id = f.id) AS "lastAt",
(SELECT json_build_object('attemptId', a.id, 'outcome', a.outcome, 'code', a.code, 'blame', a.blame)
   FROM attempt a WHERE a.unit_id = f.id AND a.outcome IS NOT NULL
  ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1) AS last`;

const FIND = `
WITH f AS (
  SELECT * FROM (${UNITS} WHERE strpos(u.serial, $1) > 0) units
   WHERE $2::text IS NULL OR state = $2
   ORDER BY worked DESC NULLS LAST, "createdAt" DESC, id DESC LIMIT $3)
SELECT f.*, ${TRIES} FROM f ORDER BY worked DESC NULLS LAST, "createdAt" DESC, id DESC`;

const ONE = `WITH f AS (${UNITS} WHERE u.id = $1) SELECT f.*, ${TRIES} FROM f`;

const JOBS = `
SELECT j.id, j.state, s.name AS station, n.name AS nest, j.created_at AS "createdAt"
  FROM job j JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
 WHERE j.unit_id = $1 ORDER BY j.created_at DESC, j.id DESC`;

/** What a unit has of per-unit data, secrets by name only. */
const VALUES = `
SELECT name, value::text AS value, 'range' AS source FROM unit_number WHERE unit_id = $1
UNION ALL SELECT name, value, 'given' FROM unit_value WHERE unit_id = $1
UNION ALL SELECT name, NULL, 'secret' FROM unit_secret WHERE unit_id = $1 AND expires_at > now()
ORDER BY source DESC, name`;

interface Row extends Omit<UnitView, "lastAt"> {
  readonly createdAt: Date;
  readonly worked: Date | null;
  readonly lastAt: Date | null;
}
interface JobRow {
  readonly id: string;
  readonly state: string;
  readonly station: string;
  readonly nest: string;
  readonly createdAt: Date;
}

function viewOf({ worked: _, createdAt: __, lastAt, ...same }: Row): UnitView {
  return { ...same, lastAt: lastAt?.toISOString() ?? null };
}

export function unitsRepository({ sql }: Database): UnitsRepository {
  return {
    async find(search, state, limit) {
      return (await sql.query<Row>(FIND, [search, state ?? null, limit])).map(viewOf);
    },
    async detail(id) {
      const [row] = await sql.query<Row>(ONE, [id]);
      if (row === undefined) return null;
      const [jobs, values] = await Promise.all([
        sql.query<JobRow>(JOBS, [id]),
        sql.query<UnitDetail["values"][number]>(VALUES, [id]),
      ]);
      return {
        ...viewOf(row),
        createdAt: row.createdAt.toISOString(),
        values: [...values],
        jobs: jobs.map((job) => ({ ...job, createdAt: job.createdAt.toISOString() })),
      };
    },
  };
}
