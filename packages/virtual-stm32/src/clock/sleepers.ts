import type { AbortSignalLike } from "@flashline/dfu-core/protocol";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Who sleeps on a clock: woken in the order of their times, and of their calls where these are equal. */
export class Sleepers {
  readonly #sleepers: Sleeper[] = [];

  /** When the next one wakes, on the clock's time in ms; undefined when nobody sleeps. */
  get next(): number | undefined {
    return this.#sleepers[0]?.at;
  }

  /** Resolves when woken, rejects with the signal's reason when aborted. */
  add(at: number, signal?: AbortSignalLike): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper: Sleeper = { at, wake };
      signal?.addEventListener("abort", onAbort, { once: true });
      const later = this.#sleepers.findLastIndex((other) => other.at <= at) + 1;
      this.#sleepers.splice(later, 0, sleeper);
    });
  }

  /** Wakes the first one. */
  wakeFirst(): void {
    this.#sleepers.shift()?.wake();
  }
}
