import { describe, expect, it } from "vitest";
import type { Tally } from "./block.ts";
import { groupsIn } from "./levels.ts";
import { NO_PAST, pastAfter } from "./past.ts";
import { type KnownHost, partOf, ranked } from "./yardstick.ts";

const known = (host: string, badness: number, more: Partial<KnownHost> = {}): KnownHost => ({
  host,
  badness,
  pc: `pc of ${host}`,
  model: `model of ${host}`,
  r: 20,
  ...more,
});
const tally = (name: string, units: number, incidents = 0): Tally => ({
  name,
  units,
  incidents,
  failed: [],
  since: 0,
});
const partFor = (
  level: string,
  name: string,
  hosts: readonly KnownHost[],
  tallies: readonly Tally[],
) => {
  const group = groupsIn(hosts, ranked(hosts)).find(
    (one) => one.level === level && one.name === name,
  );
  if (group === undefined) return undefined;
  const present = tallies.flatMap((tally) =>
    hosts.filter(({ host }) => host === tally.name).map((host) => ({ host, tally })),
  );
  const { own, split } = partOf(group, present, ranked(hosts), []);
  return { own: own.map((one) => one.name), ...split };
};

describe("partOf", () => {
  const tallies = [tally("a", 1, 1), tally("b", 10), tally("c", 100, 3), tally("d", 1000, 40)];

  it("compares a host with the others, without the worst third of a small plant", () => {
    const hosts = [known("a", 1.5), known("b", 4), known("c", 2), known("d", 1)];
    expect(partFor("controller", "a", hosts, tallies)).toEqual({
      own: ["a"],
      n: 1,
      y: 1,
      m: 1100,
      c: 43,
    });
    // The worst one is compared with all but the second worst.
    expect(partFor("controller", "b", hosts, tallies)).toMatchObject({ n: 10, m: 1001 });
  });

  it("leaves out hosts in doubt, and counts hosts that are not in the block", () => {
    const hosts = [known("a", 1), known("b", 1), known("c", 3, { r: 1e4 }), known("d", 2)];
    expect(partFor("controller", "a", hosts, tallies)).toMatchObject({ m: 1010 });
    const more = [...hosts, known("e", 5), known("f", 4)];
    expect(partFor("controller", "a", more, tallies)).toMatchObject({ m: 1010 });
    expect(partFor("controller", "a", [...hosts, known("e", 5)], tallies)).toMatchObject({
      m: 1010,
    });
  });

  it("judges a model without the PC of its worst host", () => {
    const bad = { model: "fast" };
    const hosts = [
      known("a", 3, { ...bad, pc: "one", r: 900 }),
      known("b", 1, { ...bad, pc: "one" }),
      known("c", 2, { ...bad, pc: "two" }),
      known("d", 1),
    ];
    expect(partFor("model", "fast", hosts, tallies)).toEqual({
      own: ["c"],
      n: 100,
      y: 3,
      m: 0,
      c: 0,
    });
    const more = [...hosts, ...["e", "f"].map((host) => known(host, 0.9))];
    // Six hosts: the two worst of the other model are left out.
    const all = [...tallies, tally("e", 7), tally("f", 8, 1)];
    expect(partFor("model", "fast", more, all)).toMatchObject({ own: ["c"], m: 8, c: 1 });
  });

  it("judges a PC without its worst host, and no PC or model of one host", () => {
    const hosts = [
      known("a", 1, { pc: "one", r: 900 }),
      known("b", 3, { pc: "one" }),
      known("d", 1),
    ];
    expect(partFor("pc", "one", hosts, tallies)).toMatchObject({ own: ["b"] });
    expect(partFor("pc", "pc of d", hosts, tallies)).toBeUndefined();
    expect(partFor("model", "model of a", hosts, tallies)).toBeUndefined();
  });
});

describe("pastAfter", () => {
  it("counts what the yardstick lets expect, and forgets", () => {
    const once = pastAfter(NO_PAST, { n: 10, y: 3, m: 50, c: 5 });
    expect(once).toEqual({ observed: 3, expected: 1 });
    const later = pastAfter(once, { n: 400, y: 0, m: 40, c: 1 });
    expect(later.observed).toBeCloseTo(3 / Math.E, 12);
    expect(later.expected).toBeCloseTo(1 / Math.E + 10, 12);
    expect(pastAfter(once, { n: 5, y: 5, m: 0, c: 0 })).toBe(once);
  });
});
