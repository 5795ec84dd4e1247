import { FlashlineError } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { plannedInOneState } from "../db/planned.ts";
import type { Sql } from "../db/sql.ts";
import { type Statement, statements, type Values, whereSql } from "../db/statement.ts";
import { byHostSql } from "../selection/by-host.ts";
import { type FoundSelection, selectedSql } from "../selection/conditions.ts";
import { countedFigures, countedHosts } from "./counts/counted.repository.ts";
import {
  type Asked,
  CHOSEN,
  chosenOf,
  FIGURE_PARAMETERS,
  type FigureParameter,
  Figures,
  HostPart,
} from "./figures.ts";
import { figuresSql, HEADS } from "./figures-sql.ts";
import type { Dimension } from "./groups.ts";

/** Figures, and how far times may be from the exact ones, as a share. */
export type ToldFigures = Figures & { readonly timesError: number };

export interface FiguresRepository {
  /** `selection` has both its ends. `byAttempts` reads all its attempts, whatever is counted ahead. */
  of(asked: Asked, byAttempts?: boolean): Promise<ToldFigures>;
  /** The cohort of a selection by host, virtual ones or real ones. */
  byHost(
    selection: FoundSelection,
    isVirtual: boolean,
    byAttempts?: boolean,
  ): Promise<readonly HostPart[]>;
  /** The release before this one of a product: the one with the next lower counter that was ever released. */
  releaseBefore(product: string, version: string): Promise<string | undefined>;
}

const made = new Map<
  string,
  (values: Values<FigureParameter>) => Statement<Figures, FigureParameter>
>();
/** A statement for each way of grouping, and of these one for each set of filters. */
function figuresBy(by: Dimension | undefined, withPhases: boolean) {
  const key = `${by} ${withPhases}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const added = statements(FIGURE_PARAMETERS, Figures, (isGiven) =>
    figuresSql(chosenOf(isGiven), by, withPhases),
  );
  made.set(key, added);
  return added;
}

const BY_HOST = statements(
  CHOSEN,
  HostPart,
  (isGiven) => `
SELECT a.host_id AS host, count(*)::int AS n, (count(*) FILTER (WHERE a.outcome = 'PASS'))::int AS passed,
       (count(*) FILTER (WHERE ${byHostSql("a")}))::int AS "failedByHost"
  FROM attempt a ${whereSql(["a.first", ...selectedSql(chosenOf(isGiven)), !isGiven("step") && `a.step_id IN (${HEADS})`])} GROUP BY 1`,
);
const RELEASE_BEFORE = `
SELECT b.version FROM release r JOIN release b ON b.product_id = r.product_id AND b.counter < r.counter AND b.released_at IS NOT NULL
 WHERE r.product_id = $1 AND r.version = $2 ORDER BY b.counter DESC, b.created_at DESC LIMIT 1`;

async function figuresOfAttempts(
  sql: Sql,
  { selection, buckets, by, withPhases }: Asked,
): Promise<ToldFigures> {
  const values = { ...selection, ...buckets };
  const row = await sql.row(figuresBy(by, withPhases)(values), values);
  if (row === undefined) throw new FlashlineError("internal.bug", "A yield has no row.");
  return { ...row, timesError: 0 };
}

export function figuresRepository(db: Pick<Database, "sql" | "transaction">): FiguresRepository {
  return {
    of: (asked, byAttempts = false) =>
      plannedInOneState(
        db,
        async (sql) =>
          (byAttempts ? undefined : await countedFigures(sql, asked)) ??
          (await figuresOfAttempts(sql, asked)),
      ),
    byHost(selection, isVirtual, byAttempts = false) {
      const values = { ...selection, virtual: isVirtual };
      return plannedInOneState(
        db,
        async (sql) =>
          (byAttempts ? undefined : await countedHosts(sql, values)) ??
          (await sql.rows(BY_HOST(values), values)),
      );
    },
    async releaseBefore(product, version) {
      const [row] = await db.sql.query<{ version: string }>(RELEASE_BEFORE, [product, version]);
      return row?.version;
    },
  };
}
