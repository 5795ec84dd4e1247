import { describe, expect, it } from "vitest";
import { Detector } from "./detector.ts";
import { every, never, turns, visitMaker } from "./testing/visits.ts";
import type { Visit } from "./visit.ts";

const HOUR_MS = 3_600_000;

/** After how many of these visits a block of the stratum closed for the first time. */
function closesAfter(visits: Iterable<Visit>): number | undefined {
  const detector = new Detector();
  let received = 0;
  for (const visit of visits) {
    received += 1;
    const { lessons } = detector.receive(visit);
    if (lessons.some(({ level }) => level === "controller")) return received;
  }
  return undefined;
}

describe("a block of a stratum", () => {
  it("closes at 24 visits to two hosts, at 96 to one", () => {
    expect(closesAfter(turns(visitMaker(), { a: never, b: never }, 50))).toBe(24);
    expect(closesAfter(turns(visitMaker(), { a: never }, 120))).toBe(96);
  });

  it("closes at the same visit whatever the outcomes are", () => {
    expect(closesAfter(turns(visitMaker(), { a: every(1), b: never }, 50))).toBe(24);
    expect(closesAfter(turns(visitMaker(), { a: every(2), b: every(3) }, 50))).toBe(24);
  });

  it("closes four hours after it began, when a visit of any stratum is received, without that visit", () => {
    const detector = new Detector();
    const make = visitMaker();
    const first = make({ at: 1000, host: "a" });
    detector.receive(first);
    detector.receive(make({ at: 1000 + HOUR_MS, host: "b", incident: true }));
    const early = make({ stratum: "other", at: 999 + 4 * HOUR_MS, host: "a" });
    expect(detector.receive(early).lessons).toEqual([]);
    const { lessons } = detector.receive(
      make({ stratum: first.stratum, at: 1000 + 4 * HOUR_MS, host: "a", incident: true }),
    );
    const ofHosts = lessons.filter(({ level }) => level === "controller");
    expect(ofHosts.map(({ name, split }) => ({ name, ...split }))).toEqual([
      { name: "a", n: 1, y: 0, m: 1, c: 1 },
      { name: "b", n: 1, y: 1, m: 1, c: 0 },
    ]);
    expect(detector.state().blocks.map(({ name }) => name)).toContain(first.stratum);
  });
});
