import { describe, expect, it } from "vitest";
import {
  armInControl,
  armInPair,
  CONTROL_OF,
  evidenceAgainst,
  GIVEN_UP_FROM,
  type Pair,
  standingOf,
  type Tried,
} from "./trial.ts";

const CALM: Tried = { incident: false, failed: false, seconds: 10 };
const LOST: Tried = { incident: true, failed: true, seconds: 40 };
const SLOW: Tried = { ...CALM, seconds: 12 };
const QUIET: Pair = { standard: CALM, gentle: SLOW };
const STANDARD_LOST: Pair = { standard: LOST, gentle: SLOW };
const BOTH_LOST: Pair = { standard: LOST, gentle: { ...LOST, seconds: 42 } };

const times = (count: number, pair: Pair): readonly Pair[] => Array(count).fill(pair);

describe("a trial of gentler pacing", () => {
  it("says nothing before its twelfth pair", () => {
    expect(standingOf(times(11, STANDARD_LOST)).decision).toBeUndefined();
    expect(standingOf(times(12, STANDARD_LOST)).decision).toBe("gentle");
  });

  it("lets gentle win where standard loses the link and gentle does not", () => {
    const { figures, decision } = standingOf([
      ...times(8, QUIET),
      ...times(20, STANDARD_LOST),
      ...times(50, QUIET),
    ]);
    expect(decision).toBe("gentle");
    // Four times the odds, one of two: 4 / (1 + 4) against 1 / 2, which is 1.6 a pair.
    expect(figures.e).toBeCloseTo(1.6 ** figures.standard.incidents, 9);
    expect(figures.gentle.incidents).toBe(0);
  });

  it("is decided at the first pair that suffices, whatever comes after it", () => {
    const decided = standingOf(times(12, STANDARD_LOST));
    const after = times(60, { standard: CALM, gentle: LOST });
    expect(standingOf([...times(12, STANDARD_LOST), ...after])).toEqual(decided);
  });

  it("tells what gentle takes and what a lost link costs, within pairs", () => {
    // Another image takes ten times as long: it is in no difference.
    const long: Pair = {
      standard: { ...CALM, seconds: 100 },
      gentle: { ...CALM, seconds: 102 },
    };
    const { figures } = standingOf([...times(5, QUIET), ...times(5, long), STANDARD_LOST]);
    expect(figures.extra).toBeCloseTo((10 + 10 * 2) / 11, 9);
    // Lost: 30 s longer than calm and a minute for somebody to try again, of which gentle's own extra is taken off once.
    expect(figures.cost).toBeCloseTo((20 + (40 + 60 - 12 + figures.extra)) / 2, 9);
  });

  it("is not worth it where gentle takes more than lost links cost", () => {
    const dear: Pair = { standard: CALM, gentle: { ...CALM, seconds: 40 } };
    expect(standingOf(times(120, dear)).decision).toBe("standard");
    expect(standingOf(times(120, dear)).figures.pairs).toBeLessThan(40);
  });

  it("ends where both lose the link alike, and after 120 pairs at the latest", () => {
    const alternate = Array.from({ length: 60 }, (_, at): Pair => {
      return at % 2 === 0 ? STANDARD_LOST : { standard: CALM, gentle: LOST };
    });
    expect(standingOf(alternate).decision).toBe("standard");
    const { figures, decision } = standingOf(times(500, BOTH_LOST));
    expect(decision).toBe("standard");
    expect(figures.pairs).toBeLessThanOrEqual(120);
    // A pair that lost both links says nothing about which profile is better.
    expect(figures.e).toBe(1);
  });

  it("gives each pair one attempt of each profile, and the first one by the coin", () => {
    for (const coin of [0, 0.3, 0.5, 0.99]) {
      const arms = [armInPair(6, coin), armInPair(7, coin)];
      expect(arms.toSorted()).toEqual(["gentle", "standard"]);
      expect(arms[0]).toBe(coin < 0.5 ? "standard" : "gentle");
    }
  });

  it("keeps one of twenty on standard afterwards", () => {
    for (const coin of [0, 0.42, 0.999]) {
      const arms = Array.from({ length: CONTROL_OF }, (_, place) => armInControl(place, coin));
      expect(arms.filter((arm) => arm === "standard")).toHaveLength(1);
    }
  });

  it("gives gentle up when standard is as good, however long it was better", () => {
    const better = { standard: { units: 1, incidents: 1 }, gentle: { units: 19, incidents: 1 } };
    const alike = { standard: { units: 1, incidents: 0 }, gentle: { units: 19, incidents: 5 } };
    expect(evidenceAgainst(Array(50).fill(better))).toBeLessThan(1);
    const turned = [...Array(50).fill(better), ...Array(20).fill(alike)];
    expect(evidenceAgainst(turned)).toBeGreaterThan(GIVEN_UP_FROM);
  });
});
