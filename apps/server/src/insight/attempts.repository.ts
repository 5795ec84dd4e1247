import {
  type AttemptDetail,
  AttemptFigures,
  type AttemptView,
  eachFigure,
  type Figure,
} from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { controllerName, HOST_NAMES } from "./host-names.ts";

export interface AttemptFilter {
  readonly limit: number;
  readonly outcome?: string | undefined;
  readonly station?: string | undefined;
  readonly host?: string | undefined;
}

export interface AttemptsRepository {
  /** The latest first. */
  list(filter: AttemptFilter): Promise<AttemptView[]>;
  detail(id: string): Promise<AttemptDetail | null>;
  /** All attempts of a unit, the latest first. */
  ofUnit(unitId: string): Promise<AttemptDetail[]>;
}

const COLUMNS = `
a.id, a.job_id AS "jobId", u.serial, p.name AS product, r.version, wo.number AS "workOrder",
s.name AS station, n.name AS nest, a.host_id AS "hostId", hn.name AS host, a.outcome, a.code,
a.blame, a.link_incident AS "linkIncident", a.late, a.review, a.contradictions, a.virtual,
coalesce(a.profile, '') AS profile, coalesce(a.start_profile, '') AS "startProfile",
a.duration_ms AS "durationMs", a.received_at AS "receivedAt",
coalesce(a.started_at, a.accepted_at) AS "startedAt"`;

const DETAIL_COLUMNS = `${COLUMNS},
a.detail, a.phase, a.address, a.incidents, a.phase_ms AS "phaseMs", a.body, a.chip,
a.chip_match AS "chipMatch", a.chip_evidence AS "chipEvidence", h.controller, h.driver, a.hubs,
coalesce(a.port_path, '') AS "portPath", a.agent_version AS "agentVersion", a.skew_ms AS "skewMs",
a.patch, (SELECT json_build_object('bytes', t.bytes, 'receivedAt', t.received_at)
   FROM transcript t WHERE t.attempt_id = a.id) AS transcript`;

const FROM = `
  FROM attempt a JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
  JOIN release r ON r.id = a.release_id JOIN work_order wo ON wo.id = a.work_order_id
  JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id
  JOIN host h ON h.id = a.host_id JOIN host_name hn ON hn.id = a.host_id`;

const LIST = `
WITH ${HOST_NAMES}
SELECT ${COLUMNS} ${FROM}
 WHERE a.received_at IS NOT NULL AND ($2::text IS NULL OR a.outcome = $2)
   AND ($3::text IS NULL OR s.name = $3) AND ($4::uuid IS NULL OR a.host_id = $4)
 ORDER BY a.received_at DESC, a.id DESC LIMIT $1`;

const ONE = `WITH ${HOST_NAMES} SELECT ${DETAIL_COLUMNS} ${FROM} WHERE a.id = $1`;
const OF_UNIT = `
WITH ${HOST_NAMES}
SELECT ${DETAIL_COLUMNS} ${FROM} WHERE a.unit_id = $1 ORDER BY a.accepted_at DESC, a.id DESC`;

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
  const told = body === null ? undefined : AttemptFigures.parse(JSON.parse(body.toString("utf8")));
  return eachFigure((figure) => told?.[figure] ?? null);
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
    async list({ limit, outcome, station, host }) {
      const values = [limit, outcome ?? null, station ?? null, host ?? null];
      return (await sql.query<Row>(LIST, values)).map(viewOf);
    },
    async detail(id) {
      const [row] = await sql.query<DetailRow>(ONE, [id]);
      return row === undefined ? null : detailOf(row);
    },
    ofUnit: async (unitId) => (await sql.query<DetailRow>(OF_UNIT, [unitId])).map(detailOf),
  };
}
