import type { UnitDetail, UnitView } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { cursorOf, type UnitCursor } from "./unit-cursor.ts";

export interface UnitFilter {
  readonly search: string;
  readonly state: string | undefined;
  readonly limit: number;
  /** The list goes on after this place. */
  readonly after: UnitCursor | undefined;
}

export interface UnitsRepository {
  /**
   * Units whose serial contains `search`, the latest worked on first and then those that nobody worked on; where more than a
   * thousand contain it, by serial.
   */
  find(filter: UnitFilter): Promise<UnitView[]>;
  /** Without its attempts. */
  detail(id: string): Promise<Omit<UnitDetail, "history"> | null>;
}

const COLUMNS = `
u.id, u.serial, p.name AS product, u.board_revision AS "boardRevision", u.batch,
u.created_at AS "createdAt", s.state,
CASE WHEN isfinite(s.worked_at)
     THEN to_char(s.worked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') ELSE '-infinity' END AS worked,
(SELECT count(*)::int FROM attempt a WHERE a.unit_id = u.id) AS attempts,
(SELECT max(coalesce(a.received_at, a.accepted_at)) FROM attempt a WHERE a.unit_id = u.id) AS "lastAt",
(SELECT json_build_object('attemptId', a.id, 'outcome', a.outcome, 'code', a.code, 'blame', a.blame)
   FROM attempt a WHERE a.unit_id = u.id AND a.outcome IS NOT NULL
  ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1) AS last`;
const FROM =
  "FROM unit_state s JOIN unit u ON u.id = s.unit_id JOIN product p ON p.id = u.product_id";

const ONE = `SELECT ${COLUMNS} ${FROM} WHERE s.unit_id = $1`;

/** Up to so many units that a search finds are put into the order of their work; more stay in the order of their serials. */
const SORTED = 1_000;

const ORDERS = {
  worked: { columns: "s.worked_at, s.unit_id", by: "s.worked_at DESC, s.unit_id DESC", next: "<" },
  serial: { columns: "s.serial, s.unit_id", by: "s.serial, s.unit_id", next: ">" },
} as const;

/** One text for each order and set of filters, so that PostgreSQL plans each with its own index. */
function pageOf(order: UnitCursor["order"], sorted: boolean, filter: UnitFilter) {
  const { columns, by, next } = ORDERS[order];
  const values: unknown[] = [filter.limit];
  const take = (value: unknown) => `$${values.push(value)}`;
  const found: string[] = [];
  if (filter.search !== "") found.push(`strpos(s.serial, ${take(filter.search)}) > 0`);
  if (filter.state !== undefined) found.push(`s.state = ${take(filter.state)}`);
  const { after } = filter;
  const type = order === "worked" ? "timestamptz" : "text";
  const behind =
    after === undefined
      ? []
      : [`(${columns}) ${next} (${take(after.at)}::${type}, ${take(after.id)}::uuid)`];
  const where = (conditions: readonly string[]) =>
    conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const page = sorted
    ? `matching AS MATERIALIZED (
  SELECT s.unit_id, s.worked_at FROM unit_state s ${where(found)} ORDER BY s.serial, s.unit_id LIMIT ${after === undefined ? SORTED + 1 : SORTED * 10}),
page AS (SELECT s.unit_id FROM matching s ${where(behind)} ORDER BY ${by} LIMIT $1)`
    : `page AS (SELECT s.unit_id FROM unit_state s ${where([...found, ...behind])} ORDER BY ${by} LIMIT $1)`;
  const many = sorted ? `(SELECT count(*) > ${SORTED} FROM matching)` : "false";
  const text = `
WITH ${page}
SELECT ${COLUMNS}, ${many} AS many
  ${FROM} WHERE s.unit_id IN (SELECT unit_id FROM page) ORDER BY ${by}`;
  return { text, values };
}

const JOBS = `
SELECT j.id, j.state, s.name AS station, n.name AS nest, j.created_at AS "createdAt"
  FROM job j JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
 WHERE j.unit_id = $1 ORDER BY j.created_at DESC, j.id DESC LIMIT 100`;

/** What a unit has of per-unit data, secrets by name only. */
const VALUES = `
SELECT name, value::text AS value, 'range' AS source FROM unit_number WHERE unit_id = $1
UNION ALL SELECT name, value, 'given' FROM unit_value WHERE unit_id = $1
UNION ALL SELECT name, NULL, 'secret' FROM unit_secret WHERE unit_id = $1 AND expires_at > now()
ORDER BY source DESC, name`;

interface Row extends Omit<UnitView, "lastAt" | "cursor"> {
  readonly createdAt: Date;
  /** "-infinity" where nobody worked on it. */
  readonly worked: string;
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
  async function page(order: UnitCursor["order"], sorted: boolean, filter: UnitFilter) {
    const { text, values } = pageOf(order, sorted, filter);
    const rows = await sql.query<Row & { readonly many: boolean }>(text, values);
    const views = rows.map(({ many: _, ...row }) => {
      const at = order === "worked" ? row.worked : row.serial;
      return { ...viewOf(row), cursor: cursorOf({ order, at, id: row.id }) };
    });
    return { views, many: rows[0]?.many === true };
  }
  return {
    async find(filter) {
      // A list goes on in the order in which it began.
      if (filter.after?.order === "serial") return (await page("serial", false, filter)).views;
      if (filter.search === "") return (await page("worked", false, filter)).views;
      const { views, many } = await page("worked", true, filter);
      if (!many || filter.after !== undefined) return views;
      return (await page("serial", false, filter)).views;
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
