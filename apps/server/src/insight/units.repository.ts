import type { Readable } from "node:stream";
import { UNIT_COLUMNS, type UnitDetail, UnitValueView, type UnitView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plannedAnew } from "../db/planned.ts";
import { statement, statements, timeSql, whereSql } from "../db/statement.ts";
import { noRowBefore } from "../http/lists.ts";
import { labelsOf } from "../labels/history.repository.ts";
import {
  type FoundSelection,
  SELECTED,
  type Selected,
  selectedSql,
} from "../selection/conditions.ts";
import { cursorOf, type UnitCursor } from "./unit-cursor.ts";
import { UnitRow, unitsSql, unitView } from "./unit-row.ts";
import { unitSearch } from "./unit-search.ts";

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
   * thousand contain it, those that begin with it by serial and then the others by serial.
   */
  find(filter: UnitFilter): Promise<UnitView[]>;
  /** Of these the units of a selection. Those whose serial contains `search` stay in the order of their work, however many they are. */
  findSelected(selection: FoundSelection, filter: UnitFilter): Promise<UnitView[]>;
  /** All units of a selection as CSV, until `gone` is aborted; see {@link UNIT_COLUMNS}. */
  csv(selection: FoundSelection, state: string | undefined, gone: AbortSignal): Promise<Readable>;
  /** Without its attempts. */
  detail(id: string): Promise<Omit<UnitDetail, "history"> | null>;
}

const BY_WORK = "ORDER BY s.worked_at DESC, s.unit_id DESC";
const LATEST = statements(["state", "at", "id", "limit"], UnitRow, (isGiven) => {
  const where = whereSql([
    isGiven("state") && "s.state = :state",
    isGiven("at") && "(s.worked_at, s.unit_id) < (:at::timestamptz, :id::uuid)",
  ]);
  const page = `SELECT s.unit_id AS id FROM unit_state s ${where} ${BY_WORK} LIMIT :limit`;
  return `${unitsSql(page)} ${BY_WORK}`;
});

/** What is known of a unit without a look at its attempts. */
const OF_UNIT = ["product", "batch"] as const satisfies readonly Selected[];
/** Conditions on a unit `u` with its state `s`. */
const ofSelectionSql = (isGiven: (name: Selected) => boolean): readonly (string | false)[] => {
  const ofAttempts = selectedSql(isGiven, "a", OF_UNIT);
  return [
    isGiven("product") && "u.product_id = :product::uuid",
    isGiven("batch") && "u.batch = :batch",
    ofAttempts.length > 0 && `u.id IN (SELECT a.unit_id FROM attempt a ${whereSql(ofAttempts)})`,
  ];
};
const SELECTED_PAGE = statements(
  [...SELECTED, "search", "state", "at", "id", "limit"],
  UnitRow,
  (isGiven) => {
    const where = whereSql([
      ...ofSelectionSql(isGiven),
      isGiven("state") && "s.state = :state",
      isGiven("search") && "strpos(s.serial, :search) > 0",
      isGiven("at") && "(s.worked_at, s.unit_id) < (:at::timestamptz, :id::uuid)",
    ]);
    const page = `SELECT s.unit_id AS id FROM unit_state s JOIN unit u ON u.id = s.unit_id ${where} ${BY_WORK} LIMIT :limit`;
    return `${unitsSql(page)} ${BY_WORK}`;
  },
);

const VALUES_OF_LIST: Readonly<Record<(typeof UNIT_COLUMNS)[number], string>> = {
  product: "p.name",
  serial: "u.serial",
  board_revision: "u.board_revision",
  batch: "u.batch",
  state: "s.state",
  attempts: "(SELECT count(*) FROM attempt a WHERE a.unit_id = u.id)",
  last_at: timeSql("l.accepted_at"),
  outcome: "l.outcome",
  code: "l.code",
  blame: "l.blame",
  unit_id: "u.id",
};
const CSV = statements([...SELECTED, "state"], z.unknown(), (isGiven) => {
  const columns = UNIT_COLUMNS.map((name) => `${VALUES_OF_LIST[name]} AS "${name}"`).join(", ");
  const where = whereSql([...ofSelectionSql(isGiven), isGiven("state") && "s.state = :state"]);
  return `
SELECT ${columns} FROM unit u JOIN product p ON p.id = u.product_id JOIN unit_state s ON s.unit_id = u.id
  LEFT JOIN LATERAL (SELECT a.accepted_at, a.outcome, a.code, a.blame FROM attempt a
    WHERE a.unit_id = u.id AND a.outcome IS NOT NULL ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1) l ON true
 ${where} ORDER BY p.name, u.serial, u.id`;
});
const ONE = statement(["id"], UnitRow, unitsSql("SELECT :id::uuid AS id"));

const JOBS = statement(
  ["id"],
  z.object({
    id: z.string(),
    state: z.string(),
    station: z.string(),
    nest: z.string(),
    createdAt: z.date(),
  }),
  `
SELECT j.id, j.state, s.name AS station, n.name AS nest, j.created_at AS "createdAt"
  FROM (SELECT * FROM job WHERE unit_id = :id ORDER BY created_at DESC, id DESC LIMIT 100) j
  JOIN station s ON s.id = j.station_id JOIN nest n ON n.id = j.nest_id
 ORDER BY j.created_at DESC, j.id DESC`,
);

/** What a unit has of per-unit data, secrets by name only. */
const VALUES = statement(
  ["id"],
  UnitValueView,
  `
SELECT name, value::text AS value, 'range' AS source FROM unit_number WHERE unit_id = :id
UNION ALL SELECT name, value, 'given' FROM unit_value WHERE unit_id = :id
UNION ALL SELECT name, NULL, 'secret' FROM unit_secret WHERE unit_id = :id AND expires_at > now()
ORDER BY source DESC, name`,
);

export function unitsRepository(db: Database): UnitsRepository {
  const { sql, csv } = db;
  const search = unitSearch(sql);
  async function byWork(filter: UnitFilter): Promise<readonly UnitRow[] | undefined> {
    const { state, limit, after } = filter;
    if (filter.search !== "") {
      return after === undefined ? await search.few(filter) : await search.fewAfter(filter, after);
    }
    const values = { state, at: after?.at, id: after?.id, limit };
    return await sql.rows(LATEST(values), values);
  }
  return {
    async find(filter) {
      // A list goes on in the order in which it began.
      const byWorked = filter.after?.order === "serial" ? undefined : await byWork(filter);
      const rows = byWorked ?? (await search.many(filter, filter.after));
      return rows.map((row) => {
        const { id, worked, serial } = row;
        const place =
          byWorked === undefined
            ? ({ order: "serial", at: serial, id } as const)
            : ({ order: "worked", at: worked, id } as const);
        return { ...unitView(row), cursor: cursorOf(place) };
      });
    },
    async findSelected(selection, { search: within, state, limit, after }) {
      if (after?.order === "serial") throw noRowBefore();
      const values = {
        ...{ ...selection, state, limit, at: after?.at, id: after?.id },
        search: within === "" ? undefined : within,
      };
      const rows = await plannedAnew(db, (own) => own.rows(SELECTED_PAGE(values), values));
      return rows.map((row) => {
        const { id, worked } = row;
        return { ...unitView(row), cursor: cursorOf({ order: "worked", at: worked, id }) };
      });
    },
    csv(selection, state, gone) {
      const values = { ...selection, state };
      return csv(CSV(values), values, gone);
    },
    async detail(id) {
      const [jobs, values, labels] = await Promise.all([
        sql.rows(JOBS, { id }),
        sql.rows(VALUES, { id }),
        labelsOf(sql, id),
      ]);
      // After its jobs: a unit that reads "in work" beside its PASS would never be put right on a page that waits for the PASS.
      const row = await sql.row(ONE, { id });
      if (row === undefined) return null;
      return {
        ...unitView(row),
        createdAt: row.createdAt.toISOString(),
        values: [...values],
        labels: [...labels],
        jobs: jobs.map((job) => ({ ...job, createdAt: job.createdAt.toISOString() })),
      };
    },
  };
}
