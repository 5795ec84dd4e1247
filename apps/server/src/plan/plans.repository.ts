import { PlanView } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement, statements, whereSql } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Planned } from "./pace.ts";

const LINES = statement(
  ["names"],
  z.object({
    id: z.string(),
    name: z.string(),
    plantId: z.string(),
    plant: z.string(),
    shifts: z.array(z.string()),
  }),
  `
SELECT l.id, l.name, p.id AS "plantId", p.name AS plant,
       ARRAY(SELECT s.name FROM jsonb_to_recordset(p.shifts) AS s(name text)) AS shifts
  FROM line l JOIN plant p ON p.id = l.plant_id WHERE l.name = ANY(:names::text[]) AND l.retired_at IS NULL ORDER BY l.id FOR NO KEY UPDATE OF l`,
);
const PRODUCTS = statement(
  ["names"],
  z.object({ id: z.string(), name: z.string() }),
  "SELECT id, name FROM product WHERE name = ANY(:names::text[])",
);
const OF_SHIFT = statement(
  ["lineId", "day", "shift"],
  z.object({
    productId: z.string().nullable(),
    product: z.string().nullable(),
    units: z.number(),
  }),
  `
SELECT sp.product_id AS "productId", p.name AS product, sp.units FROM shift_plan sp LEFT JOIN product p ON p.id = sp.product_id
 WHERE sp.line_id = :lineId::uuid AND sp.day = :day::date AND sp.shift = :shift ORDER BY p.name`,
);
const PlannedShift = z.object({
  lineId: z.string(),
  line: z.string(),
  day: z.string(),
  shift: z.string(),
  plan: z.array(z.object({ product: z.string().nullable(), units: z.number() })),
});
/** A shift of a line with what is planned for it. */
export type PlannedShift = Readonly<z.infer<typeof PlannedShift>>;

const OF_PLANT = statements(
  ["plantId", "first", "last", "shift"],
  PlannedShift,
  (isGiven) => `
SELECT l.id AS "lineId", l.name AS line, to_char(sp.day, 'YYYY-MM-DD') AS day, sp.shift,
       json_agg(json_build_object('product', p.name, 'units', sp.units)) AS plan
  FROM shift_plan sp JOIN line l ON l.id = sp.line_id LEFT JOIN product p ON p.id = sp.product_id
 ${whereSql([
   "l.plant_id = :plantId::uuid AND l.retired_at IS NULL AND sp.day BETWEEN :first::date AND :last::date",
   isGiven("shift") && "sp.shift = :shift",
 ])}
 GROUP BY l.id, l.name, sp.day, sp.shift ORDER BY sp.day DESC, l.name, sp.shift`,
);
const CLEAR = statement(
  ["lineId", "day", "shift"],
  z.object({}),
  "DELETE FROM shift_plan WHERE line_id = :lineId::uuid AND day = :day::date AND shift = :shift",
);
const ADD = statement(
  ["id", "lineId", "day", "shift", "productId", "units"],
  z.object({}),
  `
INSERT INTO shift_plan (id, line_id, day, shift, product_id, units)
VALUES (:id::uuid, :lineId::uuid, :day::date, :shift, :productId::uuid, :units::int)`,
);
/** By day and then as they were set. */
const PAGE = statements(
  ["plantId", "lineId", "from", "to", "after", "limit"],
  PlanView.omit({ workingMs: true }).extend({ plantId: z.string() }),
  (isGiven) => `
SELECT sp.id, p.id AS "plantId", p.name AS plant, l.name AS line, to_char(sp.day, 'YYYY-MM-DD') AS day, sp.shift, pr.name AS product, sp.units
  FROM shift_plan sp JOIN line l ON l.id = sp.line_id JOIN plant p ON p.id = l.plant_id LEFT JOIN product pr ON pr.id = sp.product_id
 ${whereSql([
   "sp.day BETWEEN :from::date AND :to::date",
   isGiven("plantId") && "l.plant_id = :plantId::uuid",
   isGiven("lineId") && "sp.line_id = :lineId::uuid",
   isGiven("after") &&
     "(sp.day, sp.id) > ((SELECT day FROM shift_plan WHERE id = :after::uuid), :after::uuid)",
 ])}
 ORDER BY sp.day, sp.id LIMIT :limit::int`,
);
const IS_THERE = statement(["id"], z.object({}), "SELECT FROM shift_plan WHERE id = :id::uuid");

/** A shift of a line on a day. */
export interface LineShift {
  readonly lineId: string;
  readonly day: string;
  readonly shift: string;
}
/** What is planned of a product by its id; null: of whatever is made. */
export interface PlannedById {
  readonly productId: string | null;
  readonly units: number;
}

/** Lines of these names with their plants' shifts. Their rows are locked: two changes of one shift's plan come after one another. */
export const lockLines = (sql: Sql, names: readonly string[]) =>
  sql.rows(LINES, { names: [...names] });

export const productsNamed = (sql: Sql, names: readonly string[]) =>
  sql.rows(PRODUCTS, { names: [...names] });

/** What is planned for a shift, by product. */
export const planOf = (sql: Sql, { lineId, day, shift }: LineShift) =>
  sql.rows(OF_SHIFT, { lineId, day, shift });

/** What is planned for all lines of a plant on these days, both included; with `shift` of that one only. The latest days come first. */
export function plansOfPlant(
  sql: Sql,
  of: { readonly plantId: string; readonly first: string; readonly last: string },
  shift?: string,
): Promise<readonly PlannedShift[]> {
  const values = { ...of, shift };
  return sql.rows(OF_PLANT(values), values);
}

/** The same in names. */
export const namesOf = (plan: readonly Planned[]): readonly Planned[] =>
  plan.map(({ product, units }) => ({ product, units }));

/** The shift has this plan now. */
export async function replacePlan(
  sql: Sql,
  of: LineShift,
  plan: readonly PlannedById[],
): Promise<void> {
  const { lineId, day, shift } = of;
  await sql.row(CLEAR, { lineId, day, shift });
  for (const { productId, units } of plan) {
    await sql.row(ADD, { id: newId(), lineId, day, shift, productId, units });
  }
}

export interface PlansAsked {
  readonly plantId: string | undefined;
  readonly lineId: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly after: string | undefined;
  readonly limit: number;
}
/** A page of plans; undefined where it was to go on after a row that is not there any more. */
export async function plansPage(sql: Sql, asked: PlansAsked) {
  const { after } = asked;
  if (after !== undefined && (await sql.row(IS_THERE, { id: after })) === undefined)
    return undefined;
  const values = { ...asked };
  return await sql.rows(PAGE(values), values);
}
