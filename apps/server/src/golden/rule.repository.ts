import {
  called,
  FlashlineError,
  GOLDEN_EVERY,
  GOLDEN_OVERDUE,
  GOLDEN_RULE,
  type GoldenCheckView,
  type GoldenNest,
  type GoldenRule,
  type GoldenRuleRequest,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { goldenBlocksSql, goldenDueSql } from "../db/golden.ts";
import { NEST_IN_USE } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { noRowBefore } from "../http/lists.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { CHECK_COLUMNS, CHECK_FROM, CheckRow, checkViewOf } from "./check-view.ts";

const Rule = z.object({
  every: z.enum(GOLDEN_EVERY),
  hours: z.number(),
  overdue: z.enum(GOLDEN_OVERDUE),
});
const Plant = z.object({ id: z.string(), name: z.string(), rule: Rule.nullable() });
const PLANT = `
SELECT p.id, p.name, (SELECT json_build_object('every', r.every, 'hours', r.hours, 'overdue', r.overdue)
          FROM golden_rule r WHERE r.plant_id = p.id) AS rule
  FROM plant p WHERE p.id::text = lower(:idOrName) OR p.name = :idOrName
 ORDER BY p.id::text = lower(:idOrName) DESC LIMIT 1`;
const FIND = statement(["idOrName"], Plant, PLANT);
const LOCK = statement(["idOrName"], Plant, `${PLANT} FOR NO KEY UPDATE`);
const SET = statement(
  ["id", "every", "hours", "overdue"],
  z.object({}),
  `
INSERT INTO golden_rule (plant_id, every, hours, overdue) VALUES (:id::uuid, :every, :hours::int, :overdue)
ON CONFLICT (plant_id) DO UPDATE SET every = excluded.every, hours = excluded.hours, overdue = excluded.overdue, set_at = now()`,
);
const STATIONS = statement(
  ["plantId"],
  z.object({ id: z.string() }),
  "SELECT s.id FROM station s JOIN line l ON l.id = s.line_id WHERE l.plant_id = :plantId::uuid",
);
const NESTS = statement(
  ["plant", "station"],
  z.object({
    plant: z.string(),
    station: z.string(),
    nest: z.string(),
    dueAt: z.date().nullable(),
    due: z.boolean(),
    blocks: z.boolean(),
    lastId: z.string().nullable(),
  }),
  `
SELECT d.plant, d.station, d.nest, d."dueAt", coalesce(d."dueAt" <= now(), false) AS due,
       coalesce(d."dueAt" <= now(), false) AND d.stops AS blocks,
       (SELECT c.id FROM golden_check c WHERE c.nest_id = d.id AND c.state IN ('passed', 'failed')
         ORDER BY c.opened_at DESC, c.id DESC LIMIT 1) AS "lastId"
  FROM (SELECT p.name AS plant, s.name AS station, n.name AS nest, n.id, ${goldenDueSql("n", "p")} AS "dueAt", ${goldenBlocksSql("p")} AS stops
          FROM nest n JOIN station s ON s.id = n.station_id JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
         WHERE ${NEST_IN_USE} AND s.credential_hash IS NOT NULL
           AND (:plant::text IS NULL OR p.name = :plant) AND (:station::text IS NULL OR s.name = :station)) d
 ORDER BY d.plant, d.station, d.nest`,
);
const BY_IDS = statement(
  ["ids"],
  CheckRow,
  `SELECT ${CHECK_COLUMNS} FROM ${CHECK_FROM} WHERE c.id = ANY(:ids::uuid[])`,
);
const CHECKS = statement(
  ["station", "after", "limit"],
  CheckRow,
  `
SELECT ${CHECK_COLUMNS} FROM ${CHECK_FROM}
 WHERE (:station::text IS NULL OR s.name = :station)
   AND (:after::uuid IS NULL OR (c.opened_at, c.id) < (SELECT b.opened_at, b.id FROM golden_check b WHERE b.id = :after::uuid))
 ORDER BY c.opened_at DESC, c.id DESC LIMIT :limit`,
);
const EXISTS = statement(
  ["id"],
  z.object({ id: z.string() }),
  "SELECT id FROM golden_check WHERE id = :id::uuid",
);

const found = (plant: z.infer<typeof Plant> | undefined, idOrName: string) => {
  if (plant !== undefined) return plant;
  throw new FlashlineError("request.not_found", `There is no ${called("plant", idOrName)}.`, {
    parameters: { plant: idOrName },
  });
};

/** Rejects with `request.not_found`. */
export const goldenRule = async ({ sql }: Database, idOrName: string): Promise<GoldenRule> =>
  found(await sql.row(FIND, { idOrName }), idOrName).rule ?? GOLDEN_RULE;

/** The stations of a plant. */
export const stationsOf = async (sql: Sql, plantId: string): Promise<readonly string[]> =>
  (await sql.rows(STATIONS, { plantId })).map(({ id }) => id);

/** The same again is no event. Rejects with `request.not_found`. */
export const setGoldenRule = (
  { transaction }: Database,
  idOrName: string,
  { reason, ...asked }: z.output<typeof GoldenRuleRequest>,
  by: Origin,
): Promise<{ readonly plantId: string; readonly rule: GoldenRule }> =>
  transaction(async (sql) => {
    const { id, name, rule } = found(await sql.row(LOCK, { idOrName }), idOrName);
    const before = rule ?? GOLDEN_RULE;
    const after: GoldenRule = {
      every: asked.every ?? before.every,
      hours: asked.hours ?? before.hours,
      overdue: asked.overdue ?? before.overdue,
    };
    const isSame =
      after.every === before.every &&
      after.hours === before.hours &&
      after.overdue === before.overdue;
    if (isSame) return { plantId: id, rule: after };
    await sql.rows(SET, { id, ...after });
    await recordEvent(sql, {
      kind: "golden.ruled",
      by,
      reason,
      plantId: id,
      subject: { id, name },
      before,
      after,
      data: after,
    });
    return { plantId: id, rule: after };
  });

/** Every nest that an enrolled station names. */
export async function goldenNests(
  { sql }: Database,
  {
    plant,
    station,
  }: { readonly plant?: string | undefined; readonly station?: string | undefined },
): Promise<GoldenNest[]> {
  const rows = await sql.rows(NESTS, { plant: plant ?? null, station: station ?? null });
  const ids = rows.flatMap(({ lastId }) => (lastId === null ? [] : [lastId]));
  const checks = new Map(
    (await sql.rows(BY_IDS, { ids })).map((row) => [row.id, checkViewOf(row)] as const),
  );
  return rows.map(({ lastId, dueAt, ...same }) => ({
    ...same,
    dueAt: dueAt?.toISOString() ?? null,
    last: checks.get(lastId ?? "") ?? null,
  }));
}

/** The latest first. Rejects with `request.invalid` for a row that is not there. */
export async function goldenChecks(
  { sql }: Database,
  filter: {
    readonly station?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<GoldenCheckView[]> {
  const { station = null, after = null, limit } = filter;
  const rows = await sql.rows(CHECKS, { station, after, limit });
  const isGone = rows.length === 0 && after !== null;
  if (isGone && (await sql.row(EXISTS, { id: after })) === undefined) throw noRowBefore();
  return rows.map(checkViewOf);
}
