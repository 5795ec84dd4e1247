import {
  FlashlineError,
  type LineRequest,
  type LineView,
  type PlantChange,
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

/** Throws `request.invalid` of a name that this server's Node.js does not know. */
function mustKnowTimeZone(timeZone: string): void {
  if (knowsTimeZone(timeZone)) return;
  throw new FlashlineError("request.invalid", `${timeZone} is not an IANA time zone.`, {
    parameters: { timeZone },
  });
}

/** Plants and lines. Adding what is there already, the same way, answers with what is there. */
export function plantsService(repository: PlantsRepository) {
  return {
    plants: async (): Promise<PlantView[]> => [...(await repository.plants())],
    lines: async (): Promise<LineView[]> => [...(await repository.lines())],
    async addPlant(plant: z.output<typeof PlantRequest>, by: Origin): Promise<{ id: string }> {
      mustKnowTimeZone(plant.timeZone);
      const existing = await repository.plant(plant.name);
      if (existing === undefined) return { id: await repository.addPlant(plant, by) };
      if (existing.timeZone === plant.timeZone) return { id: existing.id };
      throw new FlashlineError(
        "request.conflict",
        `Plant ${plant.name} exists in ${existing.timeZone}.`,
        { parameters: { plant: plant.name, timeZone: existing.timeZone } },
      );
    },
    /** The same again is no event. Rejects with `request.not_found`, and with `request.invalid` for an unknown time zone. */
    async changePlant(
      idOrName: string,
      { reason, ...change }: z.output<typeof PlantChange>,
      by: Origin,
    ): Promise<PlantView> {
      if (change.timeZone !== undefined) mustKnowTimeZone(change.timeZone);
      const id = await repository.changePlant(idOrName, change, reason, by);
      const changed = (await repository.plants()).find((plant) => plant.id === id);
      if (changed !== undefined) return changed;
      throw new FlashlineError("request.not_found", `There is no plant ${idOrName}.`, {
        parameters: { plant: idOrName },
      });
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
