import { eepromTime, eraseTime, programTime } from "../parts/families.ts";
import type { EepromRules, Family } from "../parts/part.ts";
import { concerns, QUIRKS } from "../quirks/index.ts";

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
  /** Time that a lossy link may take for time-outs and resyncs; see {@link isLossy}. */
  readonly lostMs: number;
}

const FIVE_MINUTES = 300_000;
/** Together with the transfers that succeed meanwhile and the last failure, this is about a minute. */
const LOST_MS = 45_000;

/** `estimateMs` is the plan's; units are known that take thirty times as long and pass (dfu-util ticket 78). */
export const budgetsFor = (estimateMs: number): Budgets => ({
  consecutive: 8,
  failures: 400,
  sectorRewrites: 4,
  sectorSpoils: 8,
  refusals: 3,
  reenumerateMs: 15_000,
  runMs: FIVE_MINUTES + 30 * estimateMs,
  lostMs: Math.max(LOST_MS, 10 * estimateMs),
});

const FEW_FAILURES = 8;
const LOSSY = 1 / 30;

/**
 * Whether a link fails so often that waiting is useless. A few failures do not count: one of them may cost 35 s after an erase.
 * One failure in a hundred transfers does not count either: such a run is slow and finishes.
 */
export const isLossy = (failures: number, transfers: number): boolean =>
  failures >= FEW_FAILURES && failures > transfers * LOSSY;

/** What an operation may take before it counts as wedged, and what is worth an incident before that. */
export interface OperationTimes {
  /** Least wait before the second GETSTATUS, whatever the device announces. */
  readonly floorMs: number;
  /** The datasheet's maximum. */
  readonly maximumMs: number;
  /** dfuDNBUSY beyond this is a wedge. */
  readonly budgetMs: number;
  /** Answering nothing beyond this is a lost device. An erase may hold the bus as long as it takes. */
  readonly silenceMs: number;
  /**
   * Time-out of the GETSTATUS that starts the operation, and at least the profile's: the ROM may answer only when it is done
   * (fwupd PR 1944).
   */
  readonly startTimeoutMs: number;
}

/** Silence before a bus reset of a unit that is not known to hang, in an operation that is short; ms. */
export const SHORT_SILENCE_MS = 8000;
/** The same of a write, in parts of the datasheet's maximum. */
const SILENT_WRITE = 4;

/** Times the datasheet's maximum. */
const PATIENCE = QUIRKS["slow-but-sure"].factor;

export const pointerTimes: OperationTimes = {
  floorMs: 0,
  maximumMs: 50,
  budgetMs: 10_000,
  silenceMs: SHORT_SILENCE_MS,
  startTimeoutMs: 500,
};

/** Least wait for the erase of a sector. */
export function eraseFloor(family: Family, sector: { address: number; size: number }): number {
  const early = QUIRKS["bank2-erase-early"];
  const { typicalMs } = eraseTime(family, sector.size);
  return concerns(early, family) && sector.address >= early.from
    ? Math.max(early.floorMs, typicalMs)
    : typicalMs;
}

export function eraseTimes(
  family: Family,
  sector: { address: number; size: number },
): OperationTimes {
  const { maximumMs } = eraseTime(family, sector.size);
  const wedge = QUIRKS["busy-wedge"];
  const wedges = concerns(wedge, family) && sector.address >= wedge.from;
  return {
    floorMs: eraseFloor(family, sector),
    maximumMs,
    budgetMs: Math.max(wedges ? 0 : 30_000, maximumMs * (wedges ? wedge.factor : PATIENCE)),
    silenceMs: Number.POSITIVE_INFINITY,
    startTimeoutMs: QUIRKS["status-blocks"].timeoutMs,
  };
}

export const massEraseTimes: OperationTimes = {
  floorMs: 1000,
  maximumMs: 35_000,
  budgetMs: QUIRKS["mass-erase-lies"].budgetMs,
  silenceMs: Number.POSITIVE_INFINITY,
  startTimeoutMs: QUIRKS["mass-erase-lies"].timeoutMs,
};

export const writeTimes = (family: Family, bytes: number): OperationTimes =>
  programTimes(family.writeFloorMs, programTime(family, bytes, "maximum"));

export const eepromTimes = (rules: EepromRules, bytes: number): OperationTimes =>
  programTimes(0, eepromTime(rules, bytes, "maximum"));

function programTimes(floorMs: number, maximumMs: number): OperationTimes {
  return {
    floorMs,
    maximumMs,
    budgetMs: Math.max(10_000, maximumMs * PATIENCE),
    silenceMs: Math.max(SHORT_SILENCE_MS, maximumMs * SILENT_WRITE),
    startTimeoutMs: maximumMs * 8,
  };
}
