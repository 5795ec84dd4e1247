import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { plannedAnew } from "../db/planned.ts";
import { type Statement, statements, type Values, whereSql } from "../db/statement.ts";
import {
  type FoundSelection,
  SELECTED,
  type Selected,
  selectedSql,
} from "../selection/conditions.ts";
import { byHostSql, figuresSql, HEADS } from "./figures-sql.ts";
import type { Dimension } from "./groups.ts";

const Cohort = z.object({
  units: z.number(),
  passedFirst: z.number(),
  passedSecond: z.number(),
  passedThird: z.number(),
  passedLast: z.number(),
  /** First attempts that failed by the fault of a host that the verdict holds for bad. */
  failedByHost: z.number(),
  retested: z.number(),
  noTrouble: z.number(),
});
export type Cohort = z.infer<typeof Cohort>;
const Attempts = z.object({
  attempts: z.number(),
  passedAttempts: z.number(),
  incidents: z.number(),
});
const Times = z.object({ n: z.number(), quantiles: z.array(z.number()).nullable() });
export type Times = z.infer<typeof Times>;
const Group = Attempts.extend({
  ...Cohort.pick({ units: true, passedFirst: true, passedLast: true, failedByHost: true }).shape,
  name: z.string(),
  filter: z.record(z.string(), z.string()).nullable(),
});
export type Group = z.infer<typeof Group>;

const Figures = z.object({
  virtual: z.boolean(),
  leftOut: z.number(),
  cohort: Cohort,
  attempts: Attempts.extend({ unitsPassed: z.number() }),
  times: Times,
  phases: z.array(Times.extend({ phase: z.string() })).nullable(),
  steps: z.array(Cohort.extend({ product: z.string(), step: z.string() })),
  groups: z.array(Group).nullable(),
  buckets: z.array(
    z.object({
      ...{ from: z.string(), to: z.string(), label: z.string() },
      ...{ n: z.number(), passed: z.number(), units: z.number() },
    }),
  ),
  pareto: z.array(z.object({ code: z.string(), blame: z.string(), units: z.number() })),
  paretoAttempts: z.array(z.object({ code: z.string(), blame: z.string(), attempts: z.number() })),
  unknownJobs: z.number(),
});
export type Figures = z.infer<typeof Figures>;

/** How a stretch is cut into parts: of how many seconds by whose clock, and how each is called. */
export interface Buckets {
  readonly bucketZone: string;
  readonly bucketS: number;
  /** For `to_char`. */
  readonly label: string;
  readonly timeZone: string;
}

const Stratum = z.object({ n: z.number(), passed: z.number(), failedByHost: z.number() });
/** A host's part of a cohort. */
export type HostPart = z.infer<typeof Stratum> & { readonly host: string };

export interface Asked {
  readonly selection: FoundSelection;
  readonly buckets: Buckets;
  readonly by: Dimension | undefined;
  readonly withPhases: boolean;
}

export interface FiguresRepository {
  /** `selection` has both its ends. */
  of(asked: Asked): Promise<Figures>;
  /** The cohort of a selection by host, virtual ones or real ones. */
  byHost(selection: FoundSelection, isVirtual: boolean): Promise<readonly HostPart[]>;
  /** The release before this one of a product: the one with the next lower counter that was ever released. */
  releaseBefore(product: string, version: string): Promise<string | undefined>;
}

/** They choose what is listed; what counts in a yield is said here. */
type Chosen = Exclude<Selected, "counted" | "first">;
const isChosen = (name: Selected): name is Chosen => name !== "counted" && name !== "first";
const CHOSEN = SELECTED.filter(isChosen);
const chosenOf = (isGiven: (name: Chosen) => boolean) => (name: Selected) =>
  isChosen(name) && isGiven(name);
const NAMES = [...CHOSEN, "bucketZone", "bucketS", "label", "timeZone"] as const;
type Name = (typeof NAMES)[number];

const made = new Map<string, (values: Values<Name>) => Statement<Figures, Name>>();
/** A statement for each way of grouping, and of these one for each set of filters. */
function figuresBy(by: Dimension | undefined, withPhases: boolean) {
  const key = `${by} ${withPhases}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const added = statements(NAMES, Figures, (isGiven) =>
    figuresSql(chosenOf(isGiven), by, withPhases),
  );
  made.set(key, added);
  return added;
}

const BY_HOST = statements(
  CHOSEN,
  Stratum.extend({ host: z.string() }),
  (isGiven) => `
SELECT a.host_id AS host, count(*)::int AS n, (count(*) FILTER (WHERE a.outcome = 'PASS'))::int AS passed,
       (count(*) FILTER (WHERE ${byHostSql("a")}))::int AS "failedByHost"
  FROM attempt a ${whereSql(["a.first", ...selectedSql(chosenOf(isGiven)), !isGiven("step") && `a.step_id IN (${HEADS})`])} GROUP BY 1`,
);
const RELEASE_BEFORE = `
SELECT b.version FROM release r JOIN release b ON b.product_id = r.product_id AND b.counter < r.counter AND b.released_at IS NOT NULL
 WHERE r.product_id = $1 AND r.version = $2 ORDER BY b.counter DESC, b.created_at DESC LIMIT 1`;

export function figuresRepository(db: Pick<Database, "sql" | "transaction">): FiguresRepository {
  return {
    async of({ selection, buckets, by, withPhases }) {
      const values = { ...selection, ...buckets };
      const statement = figuresBy(by, withPhases)(values);
      const row = await plannedAnew(db, (sql) => sql.row(statement, values));
      if (row === undefined) throw new FlashlineError("internal.bug", "A yield has no row.");
      return row;
    },
    byHost(selection, isVirtual) {
      const values = { ...selection, virtual: isVirtual };
      return plannedAnew(db, (sql) => sql.rows(BY_HOST(values), values));
    },
    async releaseBefore(product, version) {
      const [row] = await db.sql.query<{ version: string }>(RELEASE_BEFORE, [product, version]);
      return row?.version;
    },
  };
}
