import {
  called,
  FlashlineError,
  type LineChange,
  type LineRequest,
  type LineView,
  type PlacesQuery,
  type PlantChange,
  type PlantRequest,
  type PlantView,
  type Retirement,
} from "@flashline/contract";
import type { z } from "zod";
import { undefinedIfTaken } from "../db/errors.ts";
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

type Places = z.output<typeof PlacesQuery>;

/** Throws `request.not_found`. */
function notThere(what: "plant" | "line", name: string): never {
  throw new FlashlineError("request.not_found", `There is no ${what} ${name}.`, {
    parameters: { [what]: name },
  });
}

/** Plants and lines. Adding what is there already, the same way, answers with what is there. */
export function plantsService(repository: PlantsRepository) {
  return {
    plants: async ({ state }: Places): Promise<PlantView[]> => [
      ...(await repository.plants(state === "all")),
    ],
    lines: async ({ state }: Places): Promise<LineView[]> => [
      ...(await repository.lines(state === "all")),
    ],
    async addPlant(plant: z.output<typeof PlantRequest>, by: Origin): Promise<{ id: string }> {
      mustKnowTimeZone(plant.timeZone);
      const isNew = (await repository.plant(plant.name)) === undefined;
      const id = isNew ? await repository.addPlant(plant, by).catch(undefinedIfTaken) : undefined;
      if (id !== undefined) return { id };
      const existing = await repository.plant(plant.name);
      if (existing === undefined) throw new FlashlineError("request.conflict");
      if (existing.retiredAt !== null) {
        const message = `${called("Plant", plant.name)} is retired: take that back.`;
        throw new FlashlineError("request.conflict", message, {
          parameters: { plant: plant.name },
        });
      }
      if (existing.timeZone === plant.timeZone) return { id: existing.id };
      throw new FlashlineError(
        "request.conflict",
        `${called("Plant", plant.name)} exists in ${existing.timeZone}.`,
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
      const changed = (await repository.plants(true)).find((plant) => plant.id === id);
      return changed ?? notThere("plant", idOrName);
    },
    /** The same again is no event. Rejects with `request.not_found` and `request.conflict`. */
    async changeLine(
      id: string,
      { reason, ...change }: z.output<typeof LineChange>,
      by: Origin,
    ): Promise<LineView> {
      await repository.changeLine(id, change, reason, by);
      const changed = (await repository.lines(true)).find((line) => line.id === id.toLowerCase());
      return changed ?? notThere("line", id);
    },
    /** Rejects with `request.not_found`. */
    async plantRetirement(idOrName: string): Promise<Retirement> {
      const plants = await repository.plants(true);
      const found = plants.find(
        ({ id, name }) => id === idOrName.toLowerCase() || name === idOrName,
      );
      return found === undefined
        ? notThere("plant", idOrName)
        : await repository.inTheWayOfPlant(found.id);
    },
    /** Rejects with `request.not_found`. */
    async lineRetirement(id: string): Promise<Retirement> {
      const lines = await repository.lines(true);
      return lines.some((line) => line.id === id.toLowerCase())
        ? await repository.inTheWayOfLine(id)
        : notThere("line", id);
    },
    async addLine(line: z.output<typeof LineRequest>, by: Origin): Promise<{ id: string }> {
      const plant = await repository.plant(line.plant);
      if (plant === undefined) {
        throw new FlashlineError("request.invalid", `There is no ${called("plant", line.plant)}.`, {
          parameters: { plant: line.plant },
        });
      }
      return { id: await repository.addLine(line.name, plant, by) };
    },
  };
}
