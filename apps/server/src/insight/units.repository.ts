import type { Readable } from "node:stream";
import {
  FlashlineError,
  UNIT_COLUMNS,
  type UnitDetail,
  type UnitSort,
  UnitValueView,
  type UnitView,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plannedAnew } from "../db/planned.ts";
import { statement, statements, timeSql, whereSql } from "../db/statement.ts";
import { noRowBefore } from "../http/lists.ts";
import { labelsOf } from "../labels/history.repository.ts";
import { type FoundSelection, SELECTED } from "../selection/conditions.ts";
import { cursorOf, orderOf, type UnitCursor } from "./unit-cursor.ts";
import {
  isBySerial,
  nearPage,
  ofSelectionSql,
  PAGES,
  SELECTED_PAGES,
  WITHIN,
} from "./unit-pages.ts";
import { UnitRow, unitsSql, unitView } from "./unit-row.ts";
import { unitSearch } from "./unit-search.ts";

export interface UnitFilter {
  readonly search: string;
  readonly state: string | undefined;
  readonly limit: number;
  /** The list goes on after this place. */
  readonly after: UnitCursor | undefined;
  /** Without: as `find` says. */
  readonly sort?: UnitSort | undefined;
}

export interface UnitsRepository {
  /**
   * Units whose serial contains `search`, the latest worked on first and then those that nobody worked on; where more than a
   * thousand contain it, those that begin with it by serial and then the others by serial. With a sort only without a search.
   */
  find(filter: UnitFilter): Promise<UnitView[]>;
  /** Of these the units of a selection. Those whose serial contains `search` stay in the order of their work, however many they are. */
  findSelected(selection: FoundSelection, filter: UnitFilter): Promise<UnitView[]>;
  /** All units of a selection as CSV, until `gone` is aborted; see {@link UNIT_COLUMNS}. */
  csv(
    selection: FoundSelection,
    filter: Pick<UnitFilter, "search" | "state">,
    gone: AbortSignal,
  ): Promise<Readable>;
  /** Without its attempts. */
  detail(id: string): Promise<Omit<UnitDetail, "history"> | null>;
}

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
const CSV = statements([...SELECTED, "search", "state"], z.unknown(), (isGiven) => {
  const columns = UNIT_COLUMNS.map((name) => `${VALUES_OF_LIST[name]} AS "${name}"`).join(", ");
  const where = whereSql([
    ...ofSelectionSql(isGiven),
    isGiven("state") && "s.state = :state",
    isGiven("search") && WITHIN,
  ]);
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

type Sorted = UnitFilter & { readonly sort: UnitSort };
const shownBy =
  (sort: UnitSort | undefined) =>
  (row: UnitRow): UnitView => {
    const { id, worked, serial } = row;
    const order = sort === undefined ? "worked" : orderOf(sort);
    const at = sort !== undefined && isBySerial(sort) ? serial : worked;
    return { ...unitView(row), cursor: cursorOf({ order, at, id }) };
  };

export function unitsRepository(db: Database): UnitsRepository {
  const { sql, csv } = db;
  const search = unitSearch(sql);
  async function byWork(filter: UnitFilter): Promise<readonly UnitRow[] | undefined> {
    const { state, limit, after } = filter;
    if (filter.search !== "") {
      return after === undefined ? await search.few(filter) : await search.fewAfter(filter, after);
    }
    const values = { state, at: after?.at, id: after?.id, limit };
    return await sql.rows(PAGES["-worked"](values), values);
  }
  async function sorted({ search: within, sort, state, limit, after }: Sorted) {
    if (within !== "") {
      throw new FlashlineError(
        "request.invalid",
        "sort: units that a search finds have an order of their own. Leave out search or sort.",
      );
    }
    if (after !== undefined && after.order !== orderOf(sort)) throw noRowBefore();
    const values = { state, at: after?.at, id: after?.id, limit };
    return (await sql.rows(PAGES[sort](values), values)).map(shownBy(sort));
  }
  return {
    async find({ sort, ...filter }) {
      if (sort !== undefined) return await sorted({ sort, ...filter });
      if (filter.after?.order.startsWith("by ") === true) throw noRowBefore();
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
    async findSelected(selection, { search: within, sort, state, limit, after }) {
      const order = sort === undefined ? "worked" : orderOf(sort);
      if (after !== undefined && after.order !== order) throw noRowBefore();
      const values = {
        ...selection,
        state,
        limit,
        at: after?.at,
        id: after?.id,
        search: within === "" ? undefined : within,
      };
      const page = SELECTED_PAGES[sort ?? "-worked"](values);
      const rows = await plannedAnew(db, async (own) => {
        if (sort !== undefined && isBySerial(sort)) {
          const near = nearPage(sort, selection, values);
          const found = await own.rows(near.statement, near.values);
          if (found.length === limit) return found;
        }
        return await own.rows(page, values);
      });
      return rows.map(shownBy(sort));
    },
    csv(selection, { search: within, state }, gone) {
      const values = { ...selection, state, search: within === "" ? undefined : within };
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
