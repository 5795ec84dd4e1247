import fc from "fast-check";
import { expect, test } from "vitest";
import { advanced, type Point, type Reading, startAt } from "./clock.ts";

const HOUR = 3_600_000;
const NOW: Reading = { wall: Date.parse("2026-11-29T06:00:00Z"), uptime: 5 * HOUR, bootId: "a" };
const later = (point: Point, change: Partial<Reading>): number | undefined =>
  advanced(point, { ...point, ...change })?.elapsed;

test("a clock that is set back wins no time, and one that is set ahead loses what it jumped", () => {
  const point = startAt(NOW);
  expect(later(point, { wall: NOW.wall + HOUR, uptime: NOW.uptime + HOUR })).toBe(HOUR);
  expect(later(point, { wall: NOW.wall - 9 * HOUR, uptime: NOW.uptime + HOUR })).toBe(HOUR);
  expect(later(point, { wall: NOW.wall + 9 * HOUR, uptime: NOW.uptime + HOUR })).toBe(9 * HOUR);
});

test("over a restart the clock counts, and one that is behind the last look tells nothing", () => {
  const point = startAt(NOW);
  const boot = { uptime: 60_000, bootId: "b" };
  expect(later(point, { ...boot, wall: NOW.wall + 2 * HOUR })).toBe(2 * HOUR);
  // What a time server corrects is no set-back.
  expect(later(point, { ...boot, wall: NOW.wall - 2_000 })).toBe(0);
  expect(later(point, { ...boot, wall: NOW.wall - HOUR })).toBeUndefined();
  expect(later(point, { ...boot, wall: 0 })).toBeUndefined();
});

test("whatever is done to the clock while the PC runs, a grant is never younger than the time that has passed", () => {
  const step = fc.record({
    passes: fc.nat(HOUR),
    jump: fc.integer({ min: -50 * HOUR, max: HOUR }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let point = startAt(NOW);
      let passed = 0;
      for (const { passes, jump } of steps) {
        passed += passes;
        const now = { ...point, wall: point.wall + passes + jump, uptime: point.uptime + passes };
        const next = advanced(point, now);
        if (next === undefined) throw new RangeError("the PC was not restarted");
        expect(next.elapsed).toBeGreaterThanOrEqual(point.elapsed);
        expect(next.elapsed).toBeGreaterThanOrEqual(passed);
        point = next;
      }
    }),
  );
});

test("over restarts too, while the clock is never behind the last look", () => {
  const step = fc.record({ passes: fc.nat(HOUR), restarts: fc.boolean(), ahead: fc.nat(HOUR) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let point = startAt(NOW);
      let passed = 0;
      for (const [at, { passes, restarts, ahead }] of steps.entries()) {
        passed += passes;
        const boot = restarts
          ? { uptime: 0, bootId: `boot ${at}` }
          : { uptime: point.uptime + passes, bootId: point.bootId };
        const next = advanced(point, { ...boot, wall: point.wall + passes + ahead });
        expect(next?.elapsed).toBeGreaterThanOrEqual(passed);
        if (next !== undefined) point = next;
      }
    }),
  );
});
