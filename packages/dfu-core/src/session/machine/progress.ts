import { eraseFloor } from "../../pacing/budgets.ts";
import { programTime } from "../../parts/families.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import type { Phase } from "./report.ts";
import { emit, type Run, type Work } from "./run.ts";

/** Estimated share of each phase, milliseconds. */
export interface Progress {
  readonly total: number;
  readonly totalBytes: number;
  readonly share: Readonly<Partial<Record<Phase, { readonly start: number; readonly ms: number }>>>;
}

const TRANSFER_MS = 2;

export function progressOf(run: Run, plan: FlashPlan): Progress {
  const totalBytes = plan.runs.reduce((sum, item) => sum + item.length, 0);
  const blocks = totalBytes / plan.transferSize;
  const ms: [Phase, number][] = [
    ["compare", blocks * TRANSFER_MS * 0.2],
    ["erase", plan.sectors.reduce((sum, sector) => sum + eraseFloor(run.device.family, sector), 0)],
    ["write", programTime(run.device.family, totalBytes) + 3 * blocks * TRANSFER_MS],
    ["verify", blocks * TRANSFER_MS],
    ["seal", 10 * TRANSFER_MS],
  ];
  let start = 0;
  const share: Partial<Record<Phase, { start: number; ms: number }>> = {};
  for (const [phase, duration] of ms) {
    share[phase] = { start, ms: duration };
    start += duration;
  }
  return { total: start, totalBytes, share };
}

/** `done` of `all` in the present phase; both in the same unit, which may be any. */
export function* progress(run: Run, of: Progress, done: number, all: number): Work<void> {
  const share = of.share[run.tally.phase];
  if (share === undefined) return;
  const part = Math.min(1, done / all);
  const fraction = Math.min(1, (share.start + share.ms * part) / of.total);
  yield* emit(run, {
    event: "progress",
    phase: run.tally.phase,
    doneBytes: Math.round(of.totalBytes * part),
    totalBytes: of.totalBytes,
    fraction,
    remainingMs: Math.max(0, Math.round(of.total * (1 - fraction))),
  });
}
