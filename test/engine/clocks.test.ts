// Every clock that the engine or a virtual unit may be given, held to one contract: a sleep that ends early makes the host ask a
// bootloader that is not done yet, and some stall then.
import type { Clock } from "@flashline/dfu-core/protocol";
import { pcClock } from "@flashline/usb-host";
import { realClock, scaledClock, VirtualClock } from "@flashline/virtual-stm32";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../packages/virtual-stm32/src/testing/manual-clock.ts";

interface Subject {
  readonly clock: Clock;
  /** Lets the clock's time pass, where it does not by itself. */
  readonly pass: (ms: number) => Promise<void>;
}

const byItself = (clock: Clock): Subject => ({ clock, pass: () => Promise.resolve() });
const manual = (): Subject => {
  const clock = new ManualClock();
  return {
    clock,
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += 0.1) await clock.advance(0.1);
    },
  };
};

const CLOCKS: readonly (readonly [string, () => Subject])[] = [
  ["pcClock of the host", () => byItself(pcClock())],
  ["pcClock, 20 times as fast", () => byItself(pcClock(20))],
  ["realClock of a virtual unit", () => byItself(realClock())],
  ["scaledClock, 20 times as fast", () => byItself(scaledClock(20))],
  ["scaledClock, at a third", () => byItself(scaledClock(1 / 3))],
  ["VirtualClock", () => byItself(new VirtualClock())],
  ["ManualClock", manual],
];

/** Work before a sleep is what makes a timer of the same turn ring early. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe.each(CLOCKS)("%s", (_, make) => {
  test("no sleep is shorter than asked for", async () => {
    const { clock, pass } = make();
    for (let index = 0; index < 40; index += 1) {
      const ms = 1 + (index % 5) * 0.7;
      work((index % 4) * 0.4);
      const begun = clock.now();
      const sleeping = clock.sleep(ms);
      await pass(ms + 0.2);
      await sleeping;
      expect(clock.now(), `sleep ${index} of ${ms} ms`).toBeGreaterThanOrEqual(begun + ms);
    }
  });

  test("sleeps end in the order of their times, after a turn that took long as well", async () => {
    const { clock, pass } = make();
    const ended: { readonly from: number; readonly to: number }[] = [];
    const sleeping = [9, 3, 6.5, 3.2, 12, 1, 6, 0].map((ms) => {
      // The sleep ends between these two, and on a fast clock much time passes between two calls.
      const from = clock.now() + ms;
      const sleep = clock.sleep(ms);
      const to = clock.now() + ms;
      return sleep.then(() => ended.push({ from, to }));
    });
    void clock.sleep(2).then(() => work(5));
    await pass(13);
    await Promise.all(sleeping);
    const early = ended.filter(({ from }, index) => ended.slice(index).some(({ to }) => to < from));
    expect(ended).toHaveLength(8);
    expect(early).toEqual([]);
  });

  test("an abort ends a sleep at once, with its reason, and no other sleep", async () => {
    const { clock, pass } = make();
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const ended: unknown[] = [];
    const sleeping = clock.sleep(1e6, controller.signal).catch((why) => ended.push(why));
    const other = clock.sleep(4).then(() => ended.push("other"));
    controller.abort(reason);
    await sleeping;
    await pass(5);
    await other;
    expect(ended).toEqual([reason, "other"]);
    for (const ms of [0, 1, 1e6])
      await expect(clock.sleep(ms, controller.signal)).rejects.toBe(reason);
    expect(clock.now()).toBeLessThan(1e6 + performance.now() * 20);
  });
});
