import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "@flashline/dfu-core/protocol";
import { pause } from "./pause.ts";

/**
 * A shorter rest of a sleep is waited out turn by turn of the event loop, because a timer rings up to a millisecond late.
 * Milliseconds.
 */
const SURE_MS = 2;

/**
 * This PC's monotonic clock, `speed` times as fast. Virtual units may share a clock with another speed than 1. A sleep is never
 * shorter than asked for, and sleeps end in the order of their times. Node's timers count whole milliseconds from the start of the
 * event loop's turn and may ring early, and a bootloader that is polled early may stall.
 *
 * virtual-stm32 has a clock of its own (`scaledClock`), on purpose: it rings a little later, which costs a device nothing and saves
 * the turns that this one waits out. test/engine/clocks.test.ts holds both to the same contract.
 */
export function pcClock(speed = 1): Clock {
  const now = () => performance.now() * speed;
  const ends: number[] = [];
  return {
    now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      const end = now() + ms;
      ends.push(end);
      try {
        for (;;) {
          const left = (end - now()) / speed;
          // After a turn that took long an earlier sleep may be due as well, and its timer has not rung yet.
          if (left <= 0 && ends.every((other) => other >= end)) return;
          if (left >= SURE_MS) await pause(Math.floor(left) - 1, signal);
          else await turn();
        }
      } finally {
        ends.splice(ends.indexOf(end), 1);
      }
    },
  };
}
