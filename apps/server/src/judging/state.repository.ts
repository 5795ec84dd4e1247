import { type DetectorState, FIRST_RATE, type JudgedLevel } from "@flashline/verdict";
import { z } from "zod";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { NumberedLesson, Populations } from "./populations.ts";

/** Lessons that are kept of each group: about a week of a busy host. */
export const KEPT_LESSONS = 400;

/** What is stored of one population. */
export interface StoredState {
  readonly state: DetectorState;
  readonly counts: readonly {
    readonly level: JudgedLevel;
    readonly name: string;
    readonly lessons: number;
    readonly compared: number;
  }[];
}

const LEVELS: readonly JudgedLevel[] = ["controller", "pc", "model", "release"];
const BLOCKS = ["stratum", "host"] as const;
const nodeKind = (level: JudgedLevel): string => `node ${level}`;
const blockKind = (of: string): string => `block ${of}`;

const LOAD = statement(
  [],
  z.object({
    population: z.string(),
    kind: z.string(),
    name: z.string(),
    state: z.unknown(),
    lessons: z.number(),
    compared: z.number(),
  }),
  "SELECT population, kind, name, state, lessons, compared FROM verdict_state ORDER BY population, kind, name",
);

/** Rows of the state that changed, and those that are gone. */
const SAVE = statement(
  ["rows", "gone"],
  z.object({}),
  `
WITH gone AS (
  DELETE FROM verdict_state s USING jsonb_to_recordset(:gone::jsonb) AS g(population text, kind text, name text)
   WHERE (s.population, s.kind, s.name) = (g.population, g.kind, g.name)),
forgotten AS (
  DELETE FROM verdict_lesson s USING jsonb_to_recordset(:gone::jsonb) AS g(population text, kind text, name text)
   WHERE g.kind = 'node ' || s.level AND (s.population, s.name) = (g.population, g.name))
INSERT INTO verdict_state AS s (population, kind, name, state, lessons, compared)
SELECT population, kind, name, state, coalesce(lessons, 0), coalesce(compared, 0) FROM jsonb_to_recordset(:rows::jsonb)
    AS r(population text, kind text, name text, state jsonb, lessons int, compared int)
ON CONFLICT (population, kind, name) DO UPDATE SET state = excluded.state, lessons = excluded.lessons, compared = excluded.compared`,
);

const SAVE_LESSONS = statement(
  ["lessons", "kept"],
  z.object({}),
  `
WITH given AS (
  SELECT * FROM jsonb_to_recordset(:lessons::jsonb) AS l(level text, name text, population text, number int, at bigint, n int, y int, m int,
         c int, r float8, d float8, rung text)),
old AS (
  DELETE FROM verdict_lesson v USING given g
   WHERE (v.level, v.name, v.population) = (g.level, g.name, g.population) AND v.number = g.number - :kept::int)
INSERT INTO verdict_lesson (level, name, population, number, at, n, y, m, c, r, d, rung)
SELECT level, name, population, number, to_timestamp(at / 1000.0), n, y, m, c, r, d, rung FROM given`,
);

const CLEAR = ["DELETE FROM verdict_state", "DELETE FROM verdict_lesson"];

/** Everything that is kept, as one digest: two states are the same when it is. */
const DIGEST = statement(
  [],
  z.object({ digest: z.string() }),
  `
SELECT encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex') AS digest FROM (
  SELECT to_jsonb(s)::text AS line FROM verdict_state s UNION ALL SELECT to_jsonb(l)::text FROM verdict_lesson l) all_of_it`,
);

function storedOf(rows: readonly z.output<typeof LOAD.row>[]): StoredState {
  const of = <T>(kind: string) =>
    rows.filter((row) => row.kind === kind).map(({ state }) => state as T);
  const nodes = LEVELS.flatMap((level) => of<DetectorState["nodes"][number]>(nodeKind(level)));
  const [rate] = of<DetectorState["rate"]>("rate");
  return {
    state: {
      hosts: of("host"),
      nodes,
      blocks: BLOCKS.flatMap((one) => of<DetectorState["blocks"][number]>(blockKind(one))),
      boards: of("boards"),
      rate: rate ?? FIRST_RATE,
    },
    counts: rows.flatMap(({ kind, name, lessons, compared }) => {
      const level = LEVELS.find((one) => nodeKind(one) === kind);
      return level === undefined ? [] : { level, name, lessons, compared };
    }),
  };
}

/** By population. */
export async function loadState(sql: Sql): Promise<ReadonlyMap<string, StoredState>> {
  const rows = await sql.rows(LOAD, {});
  const names = new Set(rows.map(({ population }) => population));
  return new Map(
    [...names].map((name) => [name, storedOf(rows.filter((row) => row.population === name))]),
  );
}

/** Writes what changed since it was last written. */
export async function saveState(
  sql: Sql,
  populations: Populations,
  lessons: readonly NumberedLesson[],
): Promise<void> {
  const rows: object[] = [];
  const gone: object[] = [];
  for (const population of populations.names()) {
    const one = populations.get(population);
    const changed = one.detector.changes();
    const hasChanged = changed.hosts.length + changed.nodes.length + changed.blocks.length > 0;
    for (const host of changed.hosts)
      rows.push({ population, kind: "host", name: host.host, state: host });
    for (const node of changed.nodes) {
      const { level, name } = node;
      rows.push({
        population,
        kind: nodeKind(level),
        name,
        state: node,
        ...one.counts(level, name),
      });
    }
    for (const block of changed.blocks)
      rows.push({ population, kind: blockKind(block.of), name: block.name, state: block });
    for (const boards of changed.boards)
      rows.push({ population, kind: "boards", name: boards.stratum, state: boards });
    if (hasChanged) rows.push({ population, kind: "rate", name: "", state: changed.rate });
    for (const { of, name } of changed.gone.blocks)
      gone.push({ population, kind: blockKind(of), name });
    for (const { stratum } of changed.gone.boards)
      gone.push({ population, kind: "boards", name: stratum });
    for (const node of changed.gone.nodes) {
      one.forget(node);
      gone.push({ population, kind: nodeKind(node.level), name: node.name });
    }
  }
  if (rows.length + gone.length > 0)
    await sql.rows(SAVE, { rows: jsonText(rows), gone: jsonText(gone) });
  if (lessons.length > 0)
    await sql.rows(SAVE_LESSONS, { lessons: lessonRows(lessons), kept: KEPT_LESSONS });
}

const lessonRows = (lessons: readonly NumberedLesson[]): string =>
  jsonText(
    lessons.map(({ level, name, population, number, at, split, r, d, to }) => ({
      level,
      name,
      population,
      number,
      at,
      ...split,
      r,
      d,
      rung: to,
    })),
  );

/** Forgets all that was learned. Steps of the ladder stay. */
export async function clearState(sql: Sql): Promise<void> {
  for (const text of CLEAR) await sql.execute(text);
}

export const stateDigest = async (sql: Sql): Promise<string> =>
  (await sql.row(DIGEST, {}))?.digest ?? "";
