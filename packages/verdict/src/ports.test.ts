import { describe, expect, it } from "vitest";
import { type Lately, NOTHING_LATELY, narrowerThanHost, noteLately } from "./ports.ts";
import { visitMaker } from "./testing/visits.ts";

type Nest = readonly [port: string, hub: string | undefined, every: number];

/** Nests in turn, so many units each; each has an incident on every so manieth unit. */
function flashed(nests: readonly Nest[], units: number, from: Lately = NOTHING_LATELY): Lately {
  const make = visitMaker();
  let lately = from;
  for (let k = 1; k <= units; k += 1) {
    for (const [port, hub, every] of nests) {
      lately = noteLately(lately, make({ port, hub, incident: k % every === 0 }));
    }
  }
  return lately;
}

describe("narrowerThanHost", () => {
  it("names the one bad port of four, and nothing where all four are bad", () => {
    const good = ["1", "2", "3"].map((port): Nest => [port, undefined, 50]);
    expect(narrowerThanHost(flashed([...good, ["4", undefined, 3]], 50))).toMatchObject({
      level: "port",
      name: "4",
      split: { n: 50, y: 16, m: 150, c: 3 },
    });
    const bad = ["1", "2", "3", "4"].map((port): Nest => [port, undefined, 3]);
    expect(narrowerThanHost(flashed(bad, 50))).toBeUndefined();
  });

  it("names the hub where all of its ports are bad, and a port of a hub where one is", () => {
    const hub = (name: string, ...every: readonly number[]) =>
      every.map((one, at): Nest => [`${name}.${at + 1}`, name, one]);
    const badHub = flashed([...hub("1", 3, 3, 3), ...hub("2", 50, 50, 50)], 33);
    expect(narrowerThanHost(badHub)).toMatchObject({ level: "hub", name: "1" });
    const badPort = flashed([...hub("1", 40, 2, 40), ...hub("2", 40, 40, 40)], 33);
    expect(narrowerThanHost(badPort)).toMatchObject({ level: "port", name: "1.2" });
  });

  it("cannot tell the only port, nor the only hub, from the host", () => {
    expect(narrowerThanHost(flashed([["1.1", "1", 2]], 150))).toBeUndefined();
    const oneHub = flashed(
      [
        ["1.1", "1", 3],
        ["1.2", "1", 3],
      ],
      90,
    );
    expect(narrowerThanHost(oneHub)).toBeUndefined();
  });

  it("looks at the last 200 units, and forgets a port that is not among them", () => {
    const before = flashed([["1", undefined, 2]], 250);
    const now = flashed(
      [
        ["2", undefined, 9],
        ["3", undefined, 9],
      ],
      99,
      before,
    );
    expect(now.visits).toHaveLength(200);
    expect(now.ports.map(({ port }) => port)).toEqual(["1", "2", "3"]);
    const later = noteLately(
      noteLately(now, visitMaker()({ port: "3" })),
      visitMaker()({ port: "2" }),
    );
    expect(later.ports.map(({ port }) => port)).toEqual(["2", "3"]);
    expect(later.visits.slice(-4)).toBe("1320");
  });
});
