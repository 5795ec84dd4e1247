import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "@flashline/dfu-core/protocol";
import { pause } from "./pause.ts";

/** A timer rings up to a millisecond late: the rest is waited out turn by turn. */
const SURE_MS = 2;

/**
 * This PC's monotonic clock, `speed` times as fast; other speeds than 1 are for virtual units that share that clock. A sleep
 * is never shorter than asked for: Node's timers count whole milliseconds from the start of the event loop's turn and
 * may ring early, and a bootloader that is polled early may stall.
 */
export function pcClock(speed = 1): Clock {
  const now = () => performance.now() * speed;
  return {
    now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      const until = now() + ms;
      for (;;) {
        const left = (until - now()) / speed;
        if (left <= 0) return;
        if (left >= SURE_MS) await pause(Math.floor(left) - 1, signal);
        else await turn();
      }
    },
  };
}
