import { expect, test } from "vitest";
import type { Method, Move } from "../bench/verdict/methods.ts";
import { BASE_RATE, IDEAL, plantOf, REAL } from "../bench/verdict/plant.ts";
import { watch } from "../bench/verdict/watch.ts";

const FAULTS = [
  { hosts: [1], rate: 0.3, fromDay: 1, toDay: 2 },
  { hosts: [2, 3], rate: 0.2, port: 1, fromDay: 2, toDay: 3 },
];
const PLANT = { seed: 7, hosts: 6, days: 4, spread: IDEAL, faults: FAULTS, hostsOfModel: 2 };

test("a simulated plant is the same for the same seed, and another for another", () => {
  const units = (seed: number) => [...plantOf({ ...PLANT, seed, spread: REAL })];
  expect(units(7)).toEqual(units(7));
  expect(units(8).map(({ incident }) => incident)).not.toEqual(
    units(7).map(({ incident }) => incident),
  );
});

test("hosts fail as often as the plant says, where and while it says", () => {
  const visits = [...plantOf(PLANT)];
  const rate = (of: (visit: (typeof visits)[number]) => boolean) => {
    const some = visits.filter(of);
    return some.filter(({ incident }) => incident).length / some.length;
  };
  expect(Math.abs(rate(({ index, day }) => index === 1 && day >= 1 && day < 2) - 0.3)).toBeLessThan(
    0.08,
  );
  expect(
    rate(({ index, day, port }) => index === 2 && day >= 2 && day < 3 && port !== "1"),
  ).toBeLessThan(0.06);
  expect(
    rate(({ index, day, port }) => index === 3 && day >= 2 && day < 3 && port === "1"),
  ).toBeGreaterThan(0.1);
  expect(Math.abs(rate(({ index }) => index === 0) - BASE_RATE)).toBeLessThan(0.012);
});

/** Moves hosts at given units, counted over the plant. */
function scripted(moves: Readonly<Record<number, Move>>, repairs: string[] = []): Method {
  let unit = 0;
  return {
    receive() {
      unit += 1;
      const move = moves[unit];
      return move === undefined ? [] : [move];
    },
    repaired: (host) => void repairs.push(host),
    blame: () => "port",
  };
}

test("delays are counted in units of the faulty hosts, rungs of healthy hosts as false", () => {
  const host = (name: string, from: Move["from"], to: Move["to"]): Move => ({
    level: "host",
    name,
    from,
    to,
  });
  const moves = {
    100: host("host 5", "OK", "SUSPECT"),
    // Day 1 begins after 1800 units.
    2000: host("host 1", "OK", "WATCH"),
    2600: host("host 1", "WATCH", "QUARANTINE"),
    3700: host("host 1", "QUARANTINE", "OK"),
    4000: host("host 2", "OK", "SUSPECT"),
    4400: host("host 3", "OK", "SUSPECT"),
    4500: { ...host("model 1", "WATCH", "SUSPECT"), level: "model" as const },
    4600: host("host 2", "SUSPECT", "OK"),
  };
  const repairs: string[] = [];
  const [watched] = watch(PLANT, [() => scripted(moves, repairs)], {
    plantOf,
    areRepairsRecorded: true,
  });
  const visits = [...plantOf(PLANT)];
  const unitsOf = (indexes: readonly number[], from: number, to: number) =>
    visits.slice(from, to).filter(({ index }) => indexes.includes(index)).length;
  expect(watched?.onsets).toEqual({ WATCH: 1, SUSPECT: 1, QUARANTINE: 0 });
  expect(watched?.stories[0]).toMatchObject({
    first: {
      WATCH: unitsOf([1], 1800, 2000),
      SUSPECT: unitsOf([1], 1800, 2600),
      QUARANTINE: unitsOf([1], 1800, 2600),
    },
    blame: "port",
    isClearedWhileBad: false,
    cleared: unitsOf([1], 3600, 3700),
  });
  expect(watched?.stories[1]).toMatchObject({
    first: { SUSPECT: unitsOf([2, 3], 3600, 4000) },
    all: { SUSPECT: unitsOf([2, 3], 3600, 4400) },
    model: unitsOf([2, 3], 3600, 4500),
    blame: undefined,
    isClearedWhileBad: true,
  });
  expect(repairs).toEqual(["host 1", "host 2", "host 3"]);
});
