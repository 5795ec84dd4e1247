import { LineView, PlantView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { rulesOf } from "../db/operator-rules.ts";
import { statement } from "../db/statement.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

export interface PlantRecord {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

const PLANTS = statement(
  [],
  PlantView.extend({ operators: z.unknown() }),
  `
SELECT p.id, p.name, p.time_zone AS "timeZone", p.shifts, p.operators,
       json_build_object('hours', p.grant_hours, 'units', p.grant_units) AS grants,
       ARRAY(SELECT l.name FROM line l WHERE l.plant_id = p.id ORDER BY l.name) AS lines,
       (SELECT count(*)::int FROM station s JOIN line l ON l.id = s.line_id WHERE l.plant_id = p.id) AS stations
  FROM plant p ORDER BY p.name`,
);
const LINES = statement(
  [],
  LineView,
  `
SELECT l.id, l.name, p.name AS plant, (SELECT count(*)::int FROM station s WHERE s.line_id = l.id) AS stations
  FROM line l JOIN plant p ON p.id = l.plant_id ORDER BY p.name, l.name`,
);

const Clock = z.object({ timeZone: z.string(), shifts: PlantView.shape.shifts });
type Clock = z.infer<typeof Clock>;
const LOCK_PLANT = statement(
  ["idOrName"],
  Clock.extend({ id: z.string(), name: z.string() }),
  `
SELECT id, name, time_zone AS "timeZone", shifts FROM plant WHERE id::text = lower(:idOrName) OR name = :idOrName
 ORDER BY id::text = lower(:idOrName) DESC LIMIT 1 FOR NO KEY UPDATE`,
);
const SET_CLOCK = statement(
  ["id", "timeZone", "shifts"],
  z.object({}),
  "UPDATE plant SET time_zone = :timeZone, shifts = :shifts::jsonb WHERE id = :id::uuid",
);

/** Answers with the line that there is, where there is one. */
const ADD_LINE = statement(
  ["id", "name", "plantId"],
  z.object({ id: z.string() }),
  `
INSERT INTO line (id, name, plant_id) VALUES (:id::uuid, :name, :plantId::uuid)
ON CONFLICT (plant_id, name) DO UPDATE SET name = excluded.name RETURNING id`,
);

export type PlantsRepository = ReturnType<typeof plantsRepository>;

export function plantsRepository({ prisma, sql, transaction }: Database) {
  return {
    async plants(): Promise<readonly PlantView[]> {
      const rows = await sql.rows(PLANTS, {});
      return rows.map((plant) => ({ ...plant, operators: rulesOf(plant.operators) }));
    },
    lines: (): Promise<readonly LineView[]> => sql.rows(LINES, {}),
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
    /** Its id; undefined without such a plant. The same again is no event. */
    changePlant(
      idOrName: string,
      change: { readonly [K in keyof Clock]?: Clock[K] | undefined },
      reason: string,
      by: Origin,
    ): Promise<string | undefined> {
      return transaction(async (tx) => {
        const plant = await tx.row(LOCK_PLANT, { idOrName });
        if (plant === undefined) return undefined;
        const { id, name, ...before } = plant;
        const after: Clock = {
          timeZone: change.timeZone ?? before.timeZone,
          shifts: change.shifts ?? before.shifts,
        };
        if (JSON.stringify(after) === JSON.stringify(Clock.parse(before))) return id;
        await tx.row(SET_CLOCK, { id, ...after, shifts: jsonText(after.shifts) });
        const subject = { id, name };
        const event = { by, plantId: id, subject, before, after, reason, data: {} };
        await recordEvent(tx, { kind: "plant.changed", ...event });
        return id;
      });
    },
    addLine(name: string, plant: PlantRecord, by: Origin): Promise<string> {
      return transaction(async (sql) => {
        const id = newId();
        const row = await sql.row(ADD_LINE, { id, name, plantId: plant.id });
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
