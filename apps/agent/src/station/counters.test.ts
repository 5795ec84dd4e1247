import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournaledAttempt } from "../journal/fold.ts";
import { createCounters, dayOf } from "./counters.ts";

const HOUR = 3_600_000;
const NOON = Date.parse("2026-11-29T12:00:00Z");

const ended = (n: number, at: number, outcome: "PASS" | "FAIL" = "PASS"): JournaledAttempt => ({
  attemptId: `A${n}`,
  at: new Date(at).toISOString(),
  started: true,
  touched: true,
  summary: { serial: `SN-${n}`, nest: "1", outcome, durationMs: 5 },
  endedAt: new Date(at).toISOString(),
});

describe("the plant's day", () => {
  it.each([
    [
      "Europe/Vienna",
      "2026-11-29T12:00:00Z",
      "2026-11-28T23:00:00.000Z",
      "2026-11-29T23:00:00.000Z",
    ],
    [
      "Europe/Vienna",
      "2026-10-25T12:00:00Z",
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "Europe/Vienna",
      "2026-03-29T00:30:00Z",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ],
    [
      "Asia/Kolkata",
      "2026-06-01T18:30:00Z",
      "2026-06-01T18:30:00.000Z",
      "2026-06-02T18:30:00.000Z",
    ],
    ["UTC", "2026-06-01T23:59:59.999Z", "2026-06-01T00:00:00.000Z", "2026-06-02T00:00:00.000Z"],
  ])("in %s at %s begins and ends when its clocks say so", (zone, now, from, to) => {
    expect(dayOf(Date.parse(now), zone)).toEqual({ from, to });
  });

  it("is that of every date format, at any time in any zone", () => {
    const zones = ["UTC", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "no/where"];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2040-01-01") }),
        fc.constantFrom(...zones),
        fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
        (now, zone, away) => {
          const timeZone = zone === "no/where" ? undefined : zone;
          const date = new Intl.DateTimeFormat("en-CA", timeZone ? { timeZone } : {});
          const { from, to } = dayOf(now, zone);
          const at = new Date(now + away).toISOString();
          expect(at >= from && at < to).toBe(date.format(now + away) === date.format(now));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the counters of the page", () => {
  it("count what ended today, and begin anew with the next day", () => {
    let now = NOON;
    let finished = [ended(1, NOON - 13 * HOUR), ended(2, NOON - HOUR), ended(3, NOON, "FAIL")];
    const counters = createCounters(
      { finished: () => finished },
      () => "UTC",
      () => now,
    );
    expect(counters().today).toEqual({ passed: 1, failed: 1 });
    expect(counters().last.map(({ serial }) => serial)).toEqual(["SN-3", "SN-2", "SN-1"]);
    finished = [...finished, ended(4, NOON)];
    expect(counters().today).toEqual({ passed: 2, failed: 1 });
    now = NOON + 12 * HOUR;
    expect(counters().today).toEqual({ passed: 0, failed: 0 });
  });

  it("are at hand after fifty thousand units as after one", () => {
    const finished = Array.from({ length: 50_000 }, (_, n) => ended(n, NOON + n));
    const counters = createCounters(
      { finished: () => finished },
      () => "UTC",
      () => NOON,
    );
    const began = performance.now();
    for (let look = 0; look < 1_000; look += 1) counters();
    // Each of them took 50 ms and more when it went through all units.
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(counters().today.passed).toBe(50_000);
  });
});
