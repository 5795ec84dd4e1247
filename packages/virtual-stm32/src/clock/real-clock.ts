import type { Clock } from "@flashline/dfu-core/protocol";
import { usage } from "../errors.ts";
import { Sleepers } from "./sleepers.ts";

/**
 * The machine's monotonic clock, `speed` times faster (1 = real time). A sleep is never shorter than asked for, and up to about two
 * milliseconds of real time longer. Two processes with the same speed agree on durations to within that.
 *
 * usb-host has a clock of its own (`pcClock`), on purpose: who serves units needs no USB package, and what an operation takes is
 * measured on the device's clock, not on the host's. test/engine/clocks.test.ts holds both to the same contract.
 */
export function scaledClock(speed = 1): Clock {
  if (!(speed > 0) || !Number.isFinite(speed)) throw usage(`speed must be above 0, got ${speed}`);
  const now = () => performance.now() * speed;
  const sleepers = new Sleepers();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wakeDue(): void {
    while ((sleepers.next ?? Number.POSITIVE_INFINITY) <= now()) sleepers.wakeFirst();
    plan();
  }

  // Node's timers count from the start of the event loop's turn and may ring early; then `plan` sets another one.
  function plan(): void {
    clearTimeout(timer);
    const { next } = sleepers;
    if (next !== undefined) timer = setTimeout(wakeDue, Math.ceil((next - now()) / speed));
  }

  return {
    now,
    sleep(ms, signal) {
      const sleeping = sleepers.add(now() + Math.max(0, ms), signal);
      plan();
      // A timer that nobody waits for any more would keep the process alive.
      sleeping.catch(plan);
      return sleeping;
    },
  };
}

/** The machine's monotonic clock at its own speed, in ms. */
export const realClock = (): Clock => scaledClock(1);
