import type { AbortSignalLike, Clock } from "@flashline/dfu-core/protocol";

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A discrete-event clock: time stands still while anything runs and jumps to the next sleeper when everybody sleeps. Valid as
 * long as all participants wait on this clock only; real I/O beside it would see time jump.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #scheduled = false;
  readonly #sleepers: Sleeper[] = [];

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Moves time forward by hand; sleepers that are due wake in order. */
  advance(ms: number): void {
    const target = this.#now + ms;
    for (let next = this.#sleepers[0]; next && next.at <= target; next = this.#sleepers[0]) {
      this.#wakeFirst();
    }
    this.#now = target;
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        const index = this.#sleepers.indexOf(sleeper);
        if (index >= 0) this.#sleepers.splice(index, 1);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, ms),
        order: this.#order++,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#insert(sleeper);
      this.#schedule();
    });
  }

  #insert(sleeper: Sleeper): void {
    let index = this.#sleepers.length;
    for (; index > 0; index -= 1) {
      const before = this.#sleepers[index - 1];
      if (before && before.at <= sleeper.at) break;
    }
    this.#sleepers.splice(index, 0, sleeper);
  }

  // A macrotask runs only when no promise callback is left, so by then everybody is asleep.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#wakeFirst();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }

  #wakeFirst(): void {
    const sleeper = this.#sleepers.shift();
    if (!sleeper) return;
    this.#now = Math.max(this.#now, sleeper.at);
    sleeper.wake();
  }
}
