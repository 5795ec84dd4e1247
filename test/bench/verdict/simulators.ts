import { type PlantOptions, type PlantVisit, plantOf } from "./plant.ts";
import { secondPlantOf } from "./second/plant.ts";

/** Something that makes up plants whose truth is known. */
export interface Simulator {
  /** The visits of a plant, in order; the same seed gives the same plant. */
  readonly plantOf: (options: PlantOptions) => Generator<PlantVisit>;
  /** Days after which a bad batch has been worked off. */
  readonly batchDays: number;
}

export const FIRST: Simulator = { plantOf, batchDays: 2 };
/** By another author. */
export const SECOND: Simulator = { plantOf: secondPlantOf, batchDays: 5 };
