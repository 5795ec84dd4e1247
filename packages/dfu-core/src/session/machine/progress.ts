import { eraseFloor } from "../../pacing/budgets.ts";
import { eepromTime, programTime } from "../../parts/families.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import type { Phase } from "./report.ts";
import { emit, type Run, type Work } from "./run.ts";

/** A part of an attempt with a share of its time of its own. Data EEPROM is brought to its content in the phases `write` and `verify`. */
type Part = Phase | "eeprom";

/** Estimated share of each part, milliseconds. */
export interface Progress {
  readonly total: number;
  readonly totalBytes: number;
  readonly share: Readonly<Partial<Record<Part, { readonly start: number; readonly ms: number }>>>;
  /** Where the present part was begun, or begun again: the unit's own pace counts from here. */
  pace: { readonly part: Part; readonly from: number; readonly fromMs: number } | undefined;
}

const TRANSFER_MS = 2;
/** So much of a part must be done before its pace counts. */
const PACE_FROM = 0.1;
/**
 * What writing takes is known only once the unit writes: ROMs of one family may program words or half pages, which is seven times as
 * fast. Until then the remaining time would be a guess.
 */
const UNTOLD: readonly Part[] = ["compare", "erase"];

export function progressOf(run: Run, plan: FlashPlan): Progress {
  const flashBytes = plan.runs.reduce((sum, item) => sum + item.length, 0);
  const blocks = flashBytes / plan.transferSize;
  const eepromBytes = plan.eeprom.reduce((sum, item) => sum + item.length, 0);
  const { eeprom } = run.device.family;
  const ms: [Part, number][] = [
    ["compare", blocks * TRANSFER_MS * 0.2],
    ["erase", plan.sectors.reduce((sum, sector) => sum + eraseFloor(run.device.family, sector), 0)],
    ["write", programTime(run.device.family, flashBytes) + 3 * blocks * TRANSFER_MS],
    ["verify", blocks * TRANSFER_MS],
    ["eeprom", eeprom === undefined ? 0 : eepromTime(eeprom, eepromBytes)],
    ["seal", 10 * TRANSFER_MS],
  ];
  let start = 0;
  const share: Partial<Record<Part, { start: number; ms: number }>> = {};
  for (const [phase, duration] of ms) {
    share[phase] = { start, ms: duration };
    start += duration;
  }
  return { total: start, totalBytes: flashBytes + eepromBytes, share, pace: undefined };
}

/** What is left of the present part at the unit's own pace, and of later ones as estimated, milliseconds; undefined: nobody can say. */
function remainingOf(run: Run, of: Progress, inPart: Part, part: number): number | undefined {
  const share = of.share[inPart];
  if (share === undefined || UNTOLD.includes(inPart)) return undefined;
  const { now } = run.clock;
  if (of.pace?.part !== inPart || part < of.pace.from) {
    of.pace = { part: inPart, from: part, fromMs: now };
  }
  const { from, fromMs } = of.pace;
  const later = of.total - share.start - share.ms;
  if (part === 1) return Math.round(later);
  const done = part - from;
  if (done < PACE_FROM) return undefined;
  return Math.round(((now - fromMs) / done) * (1 - part) + later);
}

/** `done` of `all` in the present phase, or in another part; both in the same unit, which may be any. */
export function* progress(
  run: Run,
  of: Progress,
  done: number,
  all: number,
  inPart: Part = run.tally.phase,
): Work<void> {
  const share = of.share[inPart];
  if (share === undefined) return;
  const part = Math.min(1, done / all);
  const fraction = Math.min(1, (share.start + share.ms * part) / of.total);
  yield* emit(run, {
    event: "progress",
    phase: run.tally.phase,
    doneBytes: Math.round(of.totalBytes * part),
    totalBytes: of.totalBytes,
    fraction,
    remainingMs: remainingOf(run, of, inPart, part),
  });
}
