import { eraseTime, programTime } from "../parts/families.ts";
import type { Family } from "../parts/part.ts";

/** How often and how long a run tries. Every run ends within `runMs` whatever the device does. */
export interface Budgets {
  /** Link failures in a row without a block done. */
  readonly consecutive: number;
  /** Link failures in the whole run. */
  readonly failures: number;
  /** Times one sector is erased and written again because it read back wrong. */
  readonly sectorRewrites: number;
  /** Times one sector is erased and written again because the link failed while it was written. */
  readonly sectorSpoils: number;
  /** Times one operation is refused in the same words before the refusal is believed. */
  readonly refusals: number;
  /** Wait for the unit to come back to its port. */
  readonly reenumerateMs: number;
  readonly runMs: number;
}

const FIVE_MINUTES = 300_000;

/** `estimateMs` is the plan's; units are known that take thirty times as long and pass (dfu-util ticket 78). */
export const budgetsFor = (estimateMs: number): Budgets => ({
  consecutive: 8,
  failures: 400,
  sectorRewrites: 4,
  sectorSpoils: 8,
  refusals: 3,
  reenumerateMs: 15_000,
  runMs: FIVE_MINUTES + 30 * estimateMs,
});

/** What an operation may take before it counts as wedged, and what is worth an incident before that. */
export interface OperationTimes {
  /** Least wait before the second GETSTATUS, whatever the device announces. */
  readonly floorMs: number;
  /** The datasheet's maximum. */
  readonly maximumMs: number;
  /** dfuDNBUSY beyond this is a wedge. */
  readonly budgetMs: number;
  /** Time-out of the GETSTATUS that starts the operation: the ROM may answer only when it is done (fwupd PR 1944). */
  readonly startTimeoutMs: number;
}

/** Times the datasheet's maximum: about what users saw on bad hosts that passed in the end (dfu-util ticket 78). */
const PATIENCE = 30;

export const pointerTimes: OperationTimes = {
  floorMs: 0,
  maximumMs: 50,
  budgetMs: 10_000,
  startTimeoutMs: 2000,
};

export function eraseTimes(family: Family, sectorSize: number): OperationTimes {
  const { typicalMs, maximumMs } = eraseTime(family, sectorSize);
  return {
    floorMs: typicalMs,
    maximumMs,
    budgetMs: Math.max(30_000, maximumMs * PATIENCE),
    startTimeoutMs: 35_000,
  };
}

/** Mass erase: F405 announces 100 ms and takes up to 32 s (dfu-util ticket 3). */
export const massEraseTimes: OperationTimes = {
  floorMs: 1000,
  maximumMs: 35_000,
  budgetMs: 180_000,
  startTimeoutMs: 60_000,
};

export function writeTimes(family: Family, bytes: number): OperationTimes {
  const maximumMs = programTime(family, bytes, "maximum");
  return {
    floorMs: family.writeFloorMs,
    maximumMs,
    budgetMs: Math.max(10_000, maximumMs * PATIENCE),
    startTimeoutMs: Math.max(3000, maximumMs * 8),
  };
}
