import { expect, test } from "vitest";
import { pcClock } from "./clock.ts";

test("a sleep is never shorter than asked for, and not much longer", async () => {
  const clock = pcClock();
  const late: number[] = [];
  for (let index = 0; index < 40; index += 1) {
    const ms = 1 + (index % 5) * 0.7;
    // Work before the sleep is what makes a timer of this turn ring early.
    const busy = performance.now() + (index % 4) * 0.4;
    while (performance.now() < busy);
    const begun = clock.now();
    await clock.sleep(ms);
    late.push(clock.now() - begun - ms);
  }
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  // On a busy machine most of them come late; a clock that sleeps too long does so each time.
  expect(late.sort((a, b) => a - b)[4]).toBeLessThan(5);
});

test("a faster clock sleeps shorter, and an abort ends a sleep with its reason", async () => {
  const begun = performance.now();
  await pcClock(100).sleep(2000);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(20);
  expect(performance.now() - begun).toBeLessThan(2000);
  const controller = new AbortController();
  const reason = new Error("enough");
  const sleeping = pcClock().sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(pcClock().sleep(1, controller.signal)).rejects.toBe(reason);
});
