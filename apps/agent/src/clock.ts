import { setTimeout as pause } from "node:timers/promises";
import type { AbortSignalLike, Clock } from "@flashline/dfu-core/protocol";

/** The PC's monotonic clock, `speed` times as fast. Other speeds than 1 are for virtual units that share that clock. */
export function stationClock(speed = 1): Clock {
  return {
    now: () => performance.now() * speed,
    async sleep(ms: number, signal?: AbortSignalLike) {
      signal?.throwIfAborted();
      if (ms <= 0) return;
      if (signal === undefined) {
        await pause(ms / speed);
        return;
      }
      const stop = new AbortController();
      const onAbort = () => stop.abort();
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await pause(ms / speed, undefined, { signal: stop.signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
  };
}
