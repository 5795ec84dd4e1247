import {
  AttemptDetail,
  AttemptFigures,
  AttemptView,
  eachFigure,
  type Figure,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
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
  /** The latest `most` attempts of a unit, the latest first. */
  ofUnit(unitId: string, most: number): Promise<AttemptDetail[]>;
}

const COLUMNS = `
a.id, a.job_id AS "jobId", u.serial, p.name AS product, r.version, wo.number AS "workOrder",
s.name AS station, n.name AS nest, a.host_id AS "hostId", hn.name AS host, a.outcome, a.code,
a.blame, a.link_incident AS "linkIncident", a.late, a.review, a.contradictions, a.virtual,
coalesce(a.profile, '') AS profile, coalesce(a.start_profile, '') AS "startProfile",
a.duration_ms AS "durationMs", a.received_at AS "receivedAt",
coalesce(a.started_at, a.accepted_at) AS "startedAt"`;

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
   FROM transcript t WHERE t.attempt_id = a.id) AS transcript,
(SELECT json_build_object('id', e.id, 'lifts', e.lifts, 'reason', e.reason) FROM release_exception e WHERE e.id = a.exception_id) AS exception`;

/**
 * The rows of `page`, a statement that gives their ids. It is joined first: PostgreSQL takes only eight tables together into account,
 * and would else join all attempts with everything before it looks at the page.
 */
const fromPage = (page: string) => `
  FROM (${page}) page JOIN attempt a ON a.id = page.id JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
  JOIN release r ON r.id = a.release_id JOIN work_order wo ON wo.id = a.work_order_id
  JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id
  JOIN host h ON h.id = a.host_id ${HOST_NAME}`;

const Row = AttemptView.extend({ receivedAt: z.date().nullable(), startedAt: z.date() });
type Row = z.infer<typeof Row>;

const DetailRow = AttemptDetail.omit(eachFigure(() => true as const)).extend({
  ...Row.shape,
  /** As the agent sent it; null until then. */
  body: z.instanceof(Buffer).nullable(),
  address: z.string().nullable(),
  driver: z.string(),
  hubs: z.array(z.object({ vendorProduct: z.string() })),
});
type DetailRow = z.infer<typeof DetailRow>;

const LATEST_FIRST = "ORDER BY a.received_at DESC, a.id DESC";
const LIST = statements(["limit", "outcome", "station", "host", "after"], Row, (isGiven) => {
  const where = whereSql([
    "a.received_at IS NOT NULL",
    isGiven("outcome") && "a.outcome = :outcome",
    isGiven("station") && "a.station_id = (SELECT id FROM station WHERE name = :station)",
    isGiven("host") && "a.host_id = :host",
    // Known without a look at its attempts, of which there may be many.
    isGiven("host") &&
      isGiven("station") &&
      `EXISTS (SELECT FROM host h WHERE h.id = :host
         AND (h.many_stations OR h.station_id = (SELECT id FROM station WHERE name = :station)))`,
    isGiven("after") &&
      "(a.received_at, a.id) < ((SELECT received_at FROM attempt WHERE id = :after::uuid), :after::uuid)",
  ]);
  return `SELECT ${COLUMNS} ${fromPage(`SELECT a.id FROM attempt a ${where} ${LATEST_FIRST} LIMIT :limit`)} ${LATEST_FIRST}`;
});

const one = (incidents: string) =>
  statement(
    ["id"],
    DetailRow,
    `SELECT ${detailColumns(incidents)} ${fromPage("SELECT :id::uuid AS id")}`,
  );
const ONE = one(FEW_INCIDENTS);
const ONE_WHOLE = one("a.incidents");
const OF_UNIT = statement(
  ["unitId", "most"],
  DetailRow,
  `
SELECT ${detailColumns(FEW_INCIDENTS)} ${fromPage(`
  SELECT id FROM attempt WHERE unit_id = :unitId ORDER BY accepted_at DESC, id DESC LIMIT :most`)}
 ORDER BY a.accepted_at DESC, a.id DESC`,
);
const IS_REPORTED = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM attempt WHERE id = :id AND received_at IS NOT NULL",
);

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
      const { limit, outcome, station, host, after } = filter;
      const values = { limit, outcome, station, host, after };
      return (await sql.rows(LIST(values), values)).map(viewOf);
    },
    async detail(id, allIncidents) {
      const row = await sql.row(allIncidents ? ONE_WHOLE : ONE, { id });
      return row === undefined ? null : detailOf(row);
    },
    isReported: async (id) => (await sql.row(IS_REPORTED, { id })) !== undefined,
    ofUnit: async (unitId, most) => (await sql.rows(OF_UNIT, { unitId, most })).map(detailOf),
  };
}
