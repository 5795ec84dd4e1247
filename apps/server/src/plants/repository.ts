import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

export interface PlantRecord {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

export type PlantsRepository = ReturnType<typeof plantsRepository>;

export function plantsRepository({ prisma, transaction }: Database) {
  return {
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
    addLine(name: string, plant: PlantRecord, by: Origin): Promise<string> {
      return transaction(async (sql) => {
        const id = newId();
        const [row] = await sql.query<{ id: string }>(
          `INSERT INTO line (id, name, plant_id) VALUES ($1, $2, $3)
           ON CONFLICT (plant_id, name) DO UPDATE SET name = excluded.name RETURNING id`,
          [id, name, plant.id],
        );
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
