import { called, FlashlineError, LineView, PlantView, type Retirement } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { rulesOf } from "../db/operator-rules.ts";
import type { Sql } from "../db/sql.ts";
import { statement, timeSql } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { inTheWayOfLine, inTheWayOfPlant } from "./retirement.repository.ts";

export interface PlantRecord {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly retiredAt: Date | null;
}

const PLANTS = statement(
  ["retired"],
  PlantView.extend({ operators: z.unknown() }),
  `
SELECT p.id, p.name, p.time_zone AS "timeZone", p.shifts, p.operators,
       json_build_object('hours', p.grant_hours, 'units', p.grant_units) AS grants,
       ARRAY(SELECT l.name FROM line l WHERE l.plant_id = p.id AND l.retired_at IS NULL ORDER BY l.name) AS lines,
       (SELECT count(*)::int FROM station s JOIN line l ON l.id = s.line_id WHERE l.plant_id = p.id AND l.retired_at IS NULL) AS stations,
       ${timeSql("p.retired_at")} AS "retiredAt"
  FROM plant p WHERE :retired::boolean OR p.retired_at IS NULL ORDER BY p.name`,
);
const LINES = statement(
  ["retired"],
  LineView,
  `
SELECT l.id, l.name, p.name AS plant, (SELECT count(*)::int FROM station s WHERE s.line_id = l.id) AS stations,
       ${timeSql("l.retired_at")} AS "retiredAt"
  FROM line l JOIN plant p ON p.id = l.plant_id WHERE :retired::boolean OR l.retired_at IS NULL ORDER BY p.name, l.name`,
);

const Plant = z.object({
  name: z.string(),
  timeZone: z.string(),
  shifts: PlantView.shape.shifts,
  retired: z.boolean(),
});
type Plant = z.infer<typeof Plant>;
const LOCK_PLANT = statement(
  ["idOrName"],
  Plant.extend({ id: z.string() }),
  `
SELECT id, name, time_zone AS "timeZone", shifts, retired_at IS NOT NULL AS retired FROM plant
 WHERE id::text = lower(:idOrName) OR name = :idOrName
 ORDER BY id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);
const SET_PLANT = statement(
  ["id", "name", "timeZone", "shifts", "retired"],
  z.object({}),
  `
UPDATE plant SET name = :name, time_zone = :timeZone, shifts = :shifts::jsonb,
       retired_at = CASE WHEN :retired::boolean THEN coalesce(retired_at, now()) END WHERE id = :id::uuid`,
);
const Line = z.object({ name: z.string(), retired: z.boolean() });
type Line = z.infer<typeof Line>;
/** The plant's row before: a line is not added to a plant while that is retired. */
const LOCK_LINE = statement(
  ["id"],
  Line.extend({
    id: z.string(),
    plantId: z.string(),
    plant: z.string(),
    plantRetired: z.boolean(),
  }),
  `
SELECT l.id, l.name, l.retired_at IS NOT NULL AS retired, p.id AS "plantId", p.name AS plant, p.retired_at IS NOT NULL AS "plantRetired"
  FROM line l JOIN plant p ON p.id = l.plant_id WHERE l.id = :id::uuid FOR NO KEY UPDATE OF l`,
);
const SET_LINE = statement(
  ["id", "name", "retired"],
  z.object({}),
  `
UPDATE line SET name = :name, retired_at = CASE WHEN :retired::boolean THEN coalesce(retired_at, now()) END WHERE id = :id::uuid`,
);
const NAMESAKE = statement(
  ["id", "name", "plantId"],
  z.object({ id: z.string() }),
  `
SELECT id FROM plant WHERE :plantId::uuid IS NULL AND name = :name AND id <> :id::uuid
UNION ALL SELECT id FROM line WHERE plant_id = :plantId::uuid AND name = :name AND id <> :id::uuid`,
);
/** Signed exceptions name their plant: under another name they would hold no more. */
const EXCEPTIONS = statement(
  ["plant"],
  z.object({ reason: z.string() }),
  "SELECT reason FROM release_exception WHERE plant = :plant AND withdrawn_at IS NULL AND valid_until > now() LIMIT 1",
);
/** A line and all that is new on it wait for the plant's row. */
const PLANT_TAKES = statement(
  ["id"],
  z.object({ retired: z.boolean() }),
  "SELECT retired_at IS NOT NULL AS retired FROM plant WHERE id = :id::uuid FOR SHARE",
);

const conflict = (message: string, parameters: Record<string, string>, details?: unknown) =>
  new FlashlineError("request.conflict", message, {
    parameters,
    ...(details === undefined ? {} : { details }),
  });

/** Refuses to retire what something stands in the way of. */
function mustBeFree(name: string, { inTheWay }: Retirement): void {
  const [first] = inTheWay;
  if (first === undefined) return;
  const more = inTheWay.length === 1 ? "" : ` (and ${inTheWay.length - 1} more)`;
  throw conflict(`${name} cannot be retired: ${first.why}${more}`, { name }, inTheWay);
}

async function mustBeFreeName(
  tx: Sql,
  of: { readonly id: string; readonly name: string; readonly plantId: string | null },
): Promise<void> {
  if ((await tx.row(NAMESAKE, of)) === undefined) return;
  const what = of.plantId === null ? "plant" : "line in this plant";
  throw conflict(`There is a ${what} called ${of.name} already.`, { name: of.name });
}

/** Answers with the line that there is, where there is one. */
const ADD_LINE = statement(
  ["id", "name", "plantId"],
  z.object({ id: z.string(), retired: z.boolean() }),
  `
INSERT INTO line (id, name, plant_id) VALUES (:id::uuid, :name, :plantId::uuid)
ON CONFLICT (plant_id, name) DO UPDATE SET name = excluded.name RETURNING id, retired_at IS NOT NULL AS retired`,
);

export type PlantsRepository = ReturnType<typeof plantsRepository>;

/** The fields that changed, as they were and as they are. */
function changedOf<T extends object>(before: T, after: T) {
  const names = (Object.keys(after) as (keyof T)[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const only = (of: T) => Object.fromEntries(names.map((name) => [name, of[name]]));
  return { before: only(before), after: only(after) };
}

export function plantsRepository({ prisma, sql, transaction }: Database) {
  return {
    async plants(retired: boolean): Promise<readonly PlantView[]> {
      const rows = await sql.rows(PLANTS, { retired });
      return rows.map((plant) => ({ ...plant, operators: rulesOf(plant.operators) }));
    },
    lines: (retired: boolean): Promise<readonly LineView[]> => sql.rows(LINES, { retired }),
    inTheWayOfPlant: (id: string): Promise<Retirement> => inTheWayOfPlant(sql, id),
    inTheWayOfLine: (id: string): Promise<Retirement> => inTheWayOfLine(sql, id),
    async plant(name: string): Promise<PlantRecord | undefined> {
      return (await prisma.plant.findUnique({ where: { name } })) ?? undefined;
    },
    addPlant(
      plant: { name: string; timeZone: string; shifts: readonly unknown[] },
      by: Origin,
    ): Promise<string> {
      return transaction(async (sql) => {
        const id = newId();
        await sql.execute(
          "INSERT INTO plant (id, name, time_zone, shifts) VALUES ($1, $2, $3, $4)",
          [id, plant.name, plant.timeZone, JSON.stringify(plant.shifts)],
        );
        await recordEvent(sql, {
          kind: "plant.added",
          by,
          plantId: id,
          subject: { id, name: plant.name },
          after: { timeZone: plant.timeZone, shifts: plant.shifts },
          data: {},
        });
        return id;
      });
    },
    /** Its id; undefined without such a plant. The same again is no event. Rejects with `request.conflict`. */
    changePlant(
      idOrName: string,
      change: { readonly [K in keyof Plant]?: Plant[K] | undefined },
      reason: string,
      by: Origin,
    ): Promise<string | undefined> {
      return transaction(async (tx) => {
        const plant = await tx.row(LOCK_PLANT, { idOrName });
        if (plant === undefined) return undefined;
        const { id, ...before } = plant;
        const after: Plant = {
          name: change.name ?? before.name,
          timeZone: change.timeZone ?? before.timeZone,
          shifts: change.shifts ?? before.shifts,
          retired: change.retired ?? before.retired,
        };
        if (JSON.stringify(after) === JSON.stringify(Plant.parse(before))) return id;
        if (after.name !== before.name) {
          await mustBeFreeName(tx, { id, name: after.name, plantId: null });
          const exception = await tx.row(EXCEPTIONS, { plant: before.name });
          if (exception !== undefined) {
            const why = `a signed exception names it (${exception.reason}), and would hold no more`;
            throw conflict(`${before.name} keeps its name: ${why}.`, { name: before.name });
          }
        }
        if (after.retired && !before.retired)
          mustBeFree(before.name, await inTheWayOfPlant(tx, id));
        await tx.row(SET_PLANT, { id, ...after, shifts: jsonText(after.shifts) });
        await recordEvent(tx, {
          kind: "plant.changed",
          by,
          reason,
          plantId: id,
          data: {},
          subject: { id, name: after.name },
          ...changedOf(before, after),
        });
        return id;
      });
    },
    /** Undefined without such a line. The same again is no event. Rejects with `request.conflict`. */
    changeLine(
      id: string,
      change: { readonly [K in keyof Line]?: Line[K] | undefined },
      reason: string,
      by: Origin,
    ): Promise<string | undefined> {
      return transaction(async (tx) => {
        const line = await tx.row(LOCK_LINE, { id });
        if (line === undefined) return undefined;
        const before: Line = { name: line.name, retired: line.retired };
        const after: Line = {
          name: change.name ?? before.name,
          retired: change.retired ?? before.retired,
        };
        if (after.name === before.name && after.retired === before.retired) return id;
        const { plantId } = line;
        if (after.name !== before.name) await mustBeFreeName(tx, { id, name: after.name, plantId });
        if (after.retired && !before.retired) mustBeFree(before.name, await inTheWayOfLine(tx, id));
        if (!after.retired && before.retired && line.plantRetired) {
          throw conflict(`${called("Plant", line.plant)} is retired: take that back first.`, {
            name: line.plant,
          });
        }
        await tx.row(SET_LINE, { id, ...after });
        await recordEvent(tx, {
          kind: "line.changed",
          by,
          reason,
          plantId,
          data: {},
          subject: { id, name: after.name },
          ...changedOf(before, after),
        });
        return id;
      });
    },
    /** Rejects with `request.conflict` where the plant, or a line of this name, is retired. */
    addLine(name: string, plant: PlantRecord, by: Origin): Promise<string> {
      return transaction(async (sql) => {
        const id = newId();
        if ((await sql.row(PLANT_TAKES, { id: plant.id }))?.retired === true) {
          throw conflict(`${called("Plant", plant.name)} is retired.`, { name: plant.name });
        }
        const row = await sql.row(ADD_LINE, { id, name, plantId: plant.id });
        if (row?.retired === true) {
          throw conflict(`${called("Line", name)} of ${plant.name} is retired: take that back.`, {
            name,
          });
        }
        if (row?.id === id) {
          await recordEvent(sql, {
            kind: "line.added",
            by,
            plantId: plant.id,
            subject: { id, name },
            data: {},
          });
        }
        return row?.id ?? id;
      });
    },
  };
}
