import type { OperationTimes } from "../../pacing/budgets.ts";
import { LOSSY_TIMEOUT_MS } from "../../pacing/profiles.ts";

/** Times what an operation took when it worked, before the next one like it counts as hanging. */
const SILENT = 8;
const BUSY = 32;
/** Least time-out of a GETSTATUS, and least time in dfuDNBUSY, whatever was learned; ms. */
const SILENT_FLOOR_MS = 250;
const BUSY_FLOOR_MS = 1000;
/** Silence before a bus reset of a unit that is known to hang; ms. */
const HANGING_SILENCE_MS = 500;

class Learned {
  /**
   * Times that an operation hung, and a bus reset and a look at the memory showed that it had never gone on. As long as there
   * was no wedge and no loss, nothing here shortens any wait.
   */
  wedges = 0;
  /** Times that a transfer was waited for in vain, and the unit answered the next one at once: it was not the unit that was silent. */
  losses = 0;
  /** Grows each time that giving up early proved wrong. */
  leniency = 1;
  /** Of each kind of operation, the longest that one took, in parts of the datasheet's maximum. */
  slowness: ReadonlyMap<string, number> = new Map();

  /** An operation that the datasheet gives `maximumMs` was done after `ms`. */
  noteDone(what: string, maximumMs: number, ms: number): void {
    const ratio = ms / maximumMs;
    if (ratio <= (this.slowness.get(what) ?? 0)) return;
    this.slowness = new Map([...this.slowness, [what, ratio]]);
  }

  proveWedge(): void {
    this.wedges += 1;
  }

  /** What counted as hanging was done after all, or half done. */
  disproveWedge(): void {
    if (this.wedges > 0) this.leniency *= 2;
  }

  proveLoss(): void {
    this.losses += 1;
  }

  /** Time-out of a transfer that makes the unit do nothing, ms; never more than `usualMs`. */
  transferTimeoutMs(usualMs: number): number {
    return this.losses === 0 ? usualMs : Math.min(usualMs, LOSSY_TIMEOUT_MS);
  }

  /**
   * Time-out of a GETSTATUS that waits for an operation, ms; never more than `usualMs`. It doubles with each failure in a row: a unit
   * that is slower than ever before is waited for before the row ends the run.
   */
  statusTimeoutMs(
    what: string,
    times: OperationTimes,
    usualMs: number,
    failuresInRow: number,
  ): number {
    if (this.wedges === 0 && this.losses === 0) return usualMs;
    const factor = SILENT * this.leniency * 2 ** failuresInRow;
    return this.#shorter(what, times, usualMs, factor, SILENT_FLOOR_MS * 2 ** failuresInRow);
  }

  /** How long an operation may be in dfuDNBUSY, ms; never more than its budget. */
  busyMs(what: string, times: OperationTimes): number {
    if (this.wedges === 0) return times.budgetMs;
    return this.#shorter(what, times, times.budgetMs, BUSY * this.leniency, BUSY_FLOOR_MS);
  }

  /** How long a unit may answer nothing before the bus is reset, ms; never more than `usualMs`. */
  silenceMs(usualMs: number): number {
    return this.wedges === 0 ? usualMs : Math.min(usualMs, HANGING_SILENCE_MS * this.leniency);
  }

  #shorter(
    what: string,
    { floorMs, maximumMs }: OperationTimes,
    usualMs: number,
    factor: number,
    leastMs: number,
  ): number {
    const slowness = this.slowness.get(what);
    if (slowness === undefined) return usualMs;
    const learnedMs = factor * Math.max(slowness * maximumMs, floorMs);
    return Math.min(usualMs, Math.max(Math.ceil(learnedMs), leastMs));
  }
}

/** What a run learned of how long operations take, of a unit that hangs and of a link that loses transfers. Its own methods alone change it. */
export type Patience = Readonly<Learned>;

export const createPatience = (): Patience => new Learned();
