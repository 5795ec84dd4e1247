import type { AbortSignalLike, Clock } from "@flashline/dfu-core/protocol";
import { Sleepers } from "../clock/sleepers.ts";

/** Moves only when a test moves it: for units behind real sockets that must see the same times in every run. */
export class ManualClock implements Clock {
  readonly #sleepers = new Sleepers();
  #now = 0;

  now(): number {
    return this.#now;
  }

  /** Wakes who is due, and lets them and what they cause run. */
  async advance(ms: number): Promise<void> {
    this.#now += ms;
    while ((this.#sleepers.next ?? Number.POSITIVE_INFINITY) <= this.#now)
      this.#sleepers.wakeFirst();
    await new Promise((resolve) => setImmediate(resolve));
  }

  sleep(ms: number, signal?: AbortSignalLike): Promise<void> {
    if (ms <= 0 && signal?.aborted !== true) return Promise.resolve();
    return this.#sleepers.add(this.#now + ms, signal);
  }
}
