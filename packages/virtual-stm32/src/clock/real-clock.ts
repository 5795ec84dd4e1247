import type { Clock } from "@flashline/dfu-core/protocol";
import { usage } from "../errors.ts";

/**
 * The machine's monotonic clock, `speed` times faster (1 = real time). Two processes with the same speed agree on durations
 * to within the timer's resolution of about a millisecond of real time.
 */
export function scaledClock(speed = 1): Clock {
  if (!(speed > 0) || !Number.isFinite(speed)) throw usage(`speed must be above 0, got ${speed}`);
  return {
    now: () => performance.now() * speed,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        }, Math.max(0, ms) / speed);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** The machine's monotonic clock at its own speed, in ms. */
export const realClock = (): Clock => scaledClock(1);
