import type { AbortSignalLike, Clock } from "@flashline/dfu-core/protocol";
import { Sleepers } from "./sleepers.ts";

/**
 * A discrete-event clock. Time stands still while anything runs, and jumps to the next sleeper when everybody sleeps. Valid
 * only while all participants wait on this clock: real I/O beside it would see time jump.
 */
export class VirtualClock implements Clock {
  #now: number;
  #scheduled = false;
  readonly #sleepers = new Sleepers();

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Moves time forward by hand; sleepers that are due wake in order. */
  advance(ms: number): void {
    const target = this.#now + ms;
    while ((this.#sleepers.next ?? Number.POSITIVE_INFINITY) <= target) this.#wakeFirst();
    this.#now = target;
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    const sleeping = this.#sleepers.add(this.#now + Math.max(0, ms), signal);
    this.#schedule();
    return sleeping;
  }

  // A macrotask runs only when no promise callback is left, so by then everybody is asleep.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#wakeFirst();
      if (this.#sleepers.next !== undefined) this.#schedule();
    });
  }

  #wakeFirst(): void {
    const { next } = this.#sleepers;
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next);
    this.#sleepers.wakeFirst();
  }
}
