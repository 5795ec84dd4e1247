import type { Readable } from "node:stream";
import {
  ATTEMPT_COLUMNS,
  AttemptDetail,
  AttemptFigures,
  AttemptSort,
  AttemptView,
  eachFigure,
  type Figure,
  ShownApplication,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { controllerName, HOST_NAME } from "../db/host-names.ts";
import { columnOf, forEachSort, isDown, way } from "../db/sorted.ts";
import { statement, statements, timeSql, whereSql } from "../db/statement.ts";
import {
  type FoundSelection,
  SELECTED,
  type Selected,
  selectedSql,
} from "../selection/conditions.ts";

export interface AttemptPage {
  readonly limit: number;
  /** The list goes on after this attempt, whatever it is sorted by. */
  readonly after?: string | undefined;
  /** Without: the latest first. */
  readonly sort?: AttemptSort | undefined;
}

export interface AttemptsRepository {
  /** Those that were reported. Time is that of a report; of a stretch of time that of a beginning. */
  list(selection: Partial<FoundSelection>, page: AttemptPage): Promise<AttemptView[]>;
  /** All of them as CSV, until `gone` is aborted; see {@link ATTEMPT_COLUMNS}. */
  csv(selection: FoundSelection, gone: AbortSignal): Promise<Readable>;
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
coalesce(a.started_at, a.accepted_at) AS "startedAt",
CASE WHEN a.operator_id IS NOT NULL THEN json_build_object('id', a.operator_id,
  'name', (SELECT op.name FROM person op WHERE op.id = a.operator_id)) END AS operator`;

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

type AttemptColumn = "time" | "duration";

const Row = AttemptView.extend({ receivedAt: z.date().nullable(), startedAt: z.date() });
type Row = z.infer<typeof Row>;

const DetailRow = AttemptDetail.omit({
  ...eachFigure(() => true as const),
  application: true,
}).extend({
  ...Row.shape,
  /** As the agent sent it; null until then. */
  body: z.instanceof(Buffer).nullable(),
  address: z.string().nullable(),
  driver: z.string(),
  hubs: z.array(z.object({ vendorProduct: z.string() })),
});
type DetailRow = z.infer<typeof DetailRow>;

type IsGiven = (name: Selected) => boolean;
/** What a list is sorted by; each has an index with the id behind it. */
const KEYS: Readonly<Record<AttemptColumn, (isGiven: IsGiven, a: string) => string>> = {
  time: (isGiven, a) =>
    isGiven("from") || isGiven("to") ? `${a}.accepted_at` : `${a}.received_at`,
  duration: (_, a) => `coalesce(${a}.duration_ms, -1)`,
};
const wayOf = (sort: AttemptSort, isGiven: IsGiven) =>
  way(KEYS[columnOf<AttemptColumn>(sort)](isGiven, "a"), "a.id", isDown(sort));
const reportedSql = (isGiven: IsGiven) => [
  "a.received_at IS NOT NULL",
  ...selectedSql(isGiven),
  // Known without a look at its attempts, of which there may be many.
  isGiven("host") &&
    isGiven("station") &&
    "EXISTS (SELECT FROM host h WHERE h.id = :host::uuid AND (h.many_stations OR h.station_id = :station::uuid))",
];
const LISTS = forEachSort(AttemptSort.options, (sort) =>
  statements([...SELECTED, "limit", "after"], Row, (isGiven) => {
    const { order, behind } = wayOf(sort, isGiven);
    const key = KEYS[columnOf<AttemptColumn>(sort)](isGiven, "b");
    const where = whereSql([
      ...reportedSql(isGiven),
      isGiven("after") &&
        behind(`(SELECT ${key} FROM attempt b WHERE b.id = :after::uuid), :after::uuid`),
    ]);
    return `SELECT ${COLUMNS} ${fromPage(`SELECT a.id FROM attempt a ${where} ${order} LIMIT :limit`)} ${order}`;
  }),
);

const VALUES: Readonly<Record<(typeof ATTEMPT_COLUMNS)[number], string>> = {
  product: "p.name",
  serial: "u.serial",
  batch: "u.batch",
  began_at: timeSql("a.accepted_at"),
  received_at: timeSql("a.received_at"),
  outcome: "a.outcome",
  code: "a.code",
  blame: "a.blame",
  phase: "a.phase",
  release: "r.version",
  order: "wo.number",
  step: "ps.name",
  station: "s.name",
  nest: "n.name",
  host: "hn.name",
  model: "hn.controller",
  profile: "a.profile",
  duration_ms: "a.duration_ms",
  link_incident: "a.link_incident",
  first: "a.first",
  late: "a.late",
  review: "a.review",
  contradictions: "array_to_string(a.contradictions, ' ')",
  virtual: "a.virtual",
  operator: "(SELECT op.name FROM person op WHERE op.id = a.operator_id)",
  attempt_id: "a.id",
  unit_id: "a.unit_id",
};
const CSV = statements(SELECTED, z.unknown(), (isGiven) => {
  const columns = ATTEMPT_COLUMNS.map((name) => `${VALUES[name]} AS "${name}"`).join(", ");
  return `
WITH hosts AS MATERIALIZED (SELECT h.id, h.controller, hn.name FROM host h ${HOST_NAME})
SELECT ${columns}
  FROM attempt a JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id JOIN release r ON r.id = a.release_id
  JOIN work_order wo ON wo.id = a.work_order_id JOIN process_step ps ON ps.id = a.step_id JOIN station s ON s.id = a.station_id
  JOIN nest n ON n.id = a.nest_id JOIN hosts hn ON hn.id = a.host_id ${whereSql(reportedSql(isGiven))}
 ${wayOf("-time", isGiven).order}`;
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

const Told = z.object({ application: ShownApplication });

/** What is only shown has no columns, and is read from what the agent sent. */
function toldIn(
  body: Buffer | null,
): Record<Figure, number | null> & Pick<AttemptDetail, "application"> {
  const json = body === null ? undefined : jsonOf(body);
  const figures = AttemptFigures.safeParse(json).data;
  return {
    ...eachFigure((figure) => figures?.[figure] ?? null),
    application: Told.safeParse(json).data?.application ?? null,
  };
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
    ...toldIn(body),
    ...viewOf(row),
    address: row.address === null ? null : Number(row.address),
    controller: controllerName(row.controller, driver),
    hubs: row.hubs.map(({ vendorProduct }) => vendorProduct),
  };
}

/** Of a list: a name that is not there is one that was not asked for. */
const NOTHING = Object.fromEntries(SELECTED.map((name) => [name, undefined])) as FoundSelection;

export function attemptsRepository({ sql, csv }: Database): AttemptsRepository {
  return {
    async list(selection, { limit, after, sort = "-time" }) {
      const values = { ...NOTHING, ...selection, limit, after };
      return (await sql.rows(LISTS[sort](values), values)).map(viewOf);
    },
    csv: (selection, gone) => csv(CSV(selection), selection, gone),
    async detail(id, allIncidents) {
      const row = await sql.row(allIncidents ? ONE_WHOLE : ONE, { id });
      return row === undefined ? null : detailOf(row);
    },
    isReported: async (id) => (await sql.row(IS_REPORTED, { id })) !== undefined,
    ofUnit: async (unitId, most) => (await sql.rows(OF_UNIT, { unitId, most })).map(detailOf),
  };
}
