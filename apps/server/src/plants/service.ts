import {
  FlashlineError,
  type LineRequest,
  type LineView,
  type PlantRequest,
  type PlantView,
} from "@flashline/contract";
import type { z } from "zod";
import type { Origin } from "../ledger/origin.ts";
import type { PlantsRepository } from "./repository.ts";

const knowsTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** Plants and lines. Adding what is there already, the same way, answers with what is there. */
export function plantsService(repository: PlantsRepository) {
  return {
    plants: async (): Promise<PlantView[]> => [...(await repository.plants())],
    lines: async (): Promise<LineView[]> => [...(await repository.lines())],
    async addPlant(plant: z.output<typeof PlantRequest>, by: Origin): Promise<{ id: string }> {
      if (!knowsTimeZone(plant.timeZone)) {
        throw new FlashlineError("request.invalid", `${plant.timeZone} is not an IANA time zone.`, {
          parameters: { timeZone: plant.timeZone },
        });
      }
      const existing = await repository.plant(plant.name);
      if (existing === undefined) return { id: await repository.addPlant(plant, by) };
      if (existing.timeZone === plant.timeZone) return { id: existing.id };
      throw new FlashlineError(
        "request.conflict",
        `Plant ${plant.name} exists in ${existing.timeZone}.`,
        { parameters: { plant: plant.name, timeZone: existing.timeZone } },
      );
    },
    async addLine(line: z.output<typeof LineRequest>, by: Origin): Promise<{ id: string }> {
      const plant = await repository.plant(line.plant);
      if (plant === undefined) {
        throw new FlashlineError("request.invalid", `There is no plant ${line.plant}.`, {
          parameters: { plant: line.plant },
        });
      }
      return { id: await repository.addLine(line.name, plant, by) };
    },
  };
}
