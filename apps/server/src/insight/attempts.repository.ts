import {
  type AttemptDetail,
  AttemptFigures,
  type AttemptView,
  eachFigure,
  type Figure,
} from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { controllerName, HOST_NAME } from "./host-names.ts";

export interface AttemptFilter {
  readonly limit: number;
  readonly outcome?: string | undefined;
  readonly station?: string | undefined;
  readonly host?: string | undefined;
  /** The list goes on after this attempt. */
  readonly after?: string | undefined;
}

export interface AttemptsRepository {
  /** The latest first. */
  list(filter: AttemptFilter): Promise<AttemptView[]>;
  /** With every incident when they are asked for, else the first and the last ones of many. */
  detail(id: string, allIncidents: boolean): Promise<AttemptDetail | null>;
  /** False: a list cannot go on after it. */
  isReported(id: string): Promise<boolean>;
  /** The latest {@link MOST_OF_UNIT} attempts of a unit, the latest first. */
  ofUnit(unitId: string): Promise<AttemptDetail[]>;
}

const COLUMNS = `
a.id, a.job_id AS "jobId", u.serial, p.name AS product, r.version, wo.number AS "workOrder",
s.name AS station, n.name AS nest, a.host_id AS "hostId", hn.name AS host, a.outcome, a.code,
a.blame, a.link_incident AS "linkIncident", a.late, a.review, a.contradictions, a.virtual,
coalesce(a.profile, '') AS profile, coalesce(a.start_profile, '') AS "startProfile",
a.duration_ms AS "durationMs", a.received_at AS "receivedAt",
coalesce(a.started_at, a.accepted_at) AS "startedAt"`;

const MOST_OF_UNIT = 100;
/** Of an attempt that had more incidents, so many of the first and so many of the last are shown. */
const INCIDENTS_SHOWN = 20;

const FEW_INCIDENTS = `
CASE WHEN jsonb_array_length(a.incidents) <= ${2 * INCIDENTS_SHOWN} THEN a.incidents ELSE (
  SELECT jsonb_agg(i.value ORDER BY i.at) FROM jsonb_array_elements(a.incidents) WITH ORDINALITY AS i(value, at)
   WHERE i.at <= ${INCIDENTS_SHOWN} OR i.at > jsonb_array_length(a.incidents) - ${INCIDENTS_SHOWN}) END`;

const detailColumns = (incidents: string) => `${COLUMNS},
a.detail, a.phase, a.address, ${incidents} AS incidents,
(SELECT coalesce(json_object_agg(k.code, k.n ORDER BY k.n DESC, k.code), '{}') FROM (
   SELECT i ->> 'code' AS code, count(*) AS n FROM jsonb_array_elements(a.incidents) i GROUP BY 1) k) AS "incidentCounts",
a.phase_ms AS "phaseMs", a.body, a.chip,
a.chip_match AS "chipMatch", a.chip_evidence AS "chipEvidence", h.controller, h.driver, a.hubs,
coalesce(a.port_path, '') AS "portPath", a.agent_version AS "agentVersion", a.skew_ms AS "skewMs",
a.patch, (SELECT json_build_object('bytes', t.bytes, 'receivedAt', t.received_at)
   FROM transcript t WHERE t.attempt_id = a.id) AS transcript`;

const FROM = `
  FROM attempt a JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
  JOIN release r ON r.id = a.release_id JOIN work_order wo ON wo.id = a.work_order_id
  JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id
  JOIN host h ON h.id = a.host_id ${HOST_NAME}`;

/** One text for each set of filters, so that PostgreSQL plans each with its own index. */
function listOf({ limit, ...filter }: AttemptFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [limit];
  const take = (value: unknown) => `$${values.push(value)}`;
  const conditions = ["a.received_at IS NOT NULL"];
  if (filter.outcome !== undefined) conditions.push(`a.outcome = ${take(filter.outcome)}`);
  if (filter.station !== undefined) {
    conditions.push(`a.station_id = (SELECT id FROM station WHERE name = ${take(filter.station)})`);
  }
  if (filter.host !== undefined) conditions.push(`a.host_id = ${take(filter.host)}`);
  if (filter.after !== undefined) {
    const id = `${take(filter.after)}::uuid`;
    conditions.push(
      `(a.received_at, a.id) < ((SELECT received_at FROM attempt WHERE id = ${id}), ${id})`,
    );
  }
  return {
    text: `
WITH page AS (
  SELECT a.id FROM attempt a WHERE ${conditions.join(" AND ")}
   ORDER BY a.received_at DESC, a.id DESC LIMIT $1)
SELECT ${COLUMNS} ${FROM} WHERE a.id IN (SELECT id FROM page) ORDER BY a.received_at DESC, a.id DESC`,
    values,
  };
}

const one = (incidents: string) => `SELECT ${detailColumns(incidents)} ${FROM} WHERE a.id = $1`;
const ONE = one(FEW_INCIDENTS);
const ONE_WHOLE = one("a.incidents");
const OF_UNIT = `
SELECT ${detailColumns(FEW_INCIDENTS)} ${FROM} WHERE a.id IN (
  SELECT id FROM attempt WHERE unit_id = $1 ORDER BY accepted_at DESC, id DESC LIMIT ${MOST_OF_UNIT})
 ORDER BY a.accepted_at DESC, a.id DESC`;

interface Row extends Omit<AttemptView, "receivedAt" | "startedAt"> {
  readonly receivedAt: Date | null;
  readonly startedAt: Date;
}
interface DetailRow
  extends Row,
    Omit<AttemptDetail, keyof AttemptView | Figure | "address" | "hubs" | "controller"> {
  /** As the agent sent it; null until then. */
  readonly body: Buffer | null;
  readonly address: string | null;
  readonly controller: string;
  readonly driver: string;
  readonly hubs: readonly { readonly vendorProduct: string }[];
}

function viewOf(row: Row): AttemptView {
  return {
    ...row,
    receivedAt: row.receivedAt?.toISOString() ?? null,
    startedAt: row.startedAt.toISOString(),
  };
}

/** Figures are only shown: they have no columns, and are read from what the agent sent. */
function toldFigures(body: Buffer | null): Record<Figure, number | null> {
  const told = body === null ? undefined : AttemptFigures.safeParse(jsonOf(body)).data;
  return eachFigure((figure) => told?.[figure] ?? null);
}

/** Undefined of a body that is no JSON: a result is kept whatever a station sent. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function detailOf(row: DetailRow): AttemptDetail {
  const { driver, body, ...same } = row;
  return {
    ...same,
    ...toldFigures(body),
    ...viewOf(row),
    address: row.address === null ? null : Number(row.address),
    controller: controllerName(row.controller, driver),
    hubs: row.hubs.map(({ vendorProduct }) => vendorProduct),
  };
}

export function attemptsRepository({ sql }: Database): AttemptsRepository {
  return {
    async list(filter) {
      const { text, values } = listOf(filter);
      return (await sql.query<Row>(text, values)).map(viewOf);
    },
    async detail(id, allIncidents) {
      const [row] = await sql.query<DetailRow>(allIncidents ? ONE_WHOLE : ONE, [id]);
      return row === undefined ? null : detailOf(row);
    },
    async isReported(id) {
      const rows = await sql.query(
        "SELECT FROM attempt WHERE id = $1 AND received_at IS NOT NULL",
        [id],
      );
      return rows.length > 0;
    },
    ofUnit: async (unitId) => (await sql.query<DetailRow>(OF_UNIT, [unitId])).map(detailOf),
  };
}
