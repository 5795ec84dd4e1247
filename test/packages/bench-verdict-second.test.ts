import { expect, test } from "vitest";
import { BASE_RATE, IDEAL, modelName, type PlantVisit, REAL } from "../bench/verdict/plant.ts";
import { secondPlantOf } from "../bench/verdict/second/plant.ts";
import { SECOND } from "../bench/verdict/simulators.ts";

type Visits = readonly PlantVisit[];
const rateOf = (visits: Visits) => visits.filter(({ incident }) => incident).length / visits.length;

test("a plant of the second simulator is the same for the same seed, and another for another", () => {
  const visits = (seed: number) => [...secondPlantOf({ seed, hosts: 6, days: 2, spread: REAL })];
  expect(visits(7)).toEqual(visits(7));
  expect(visits(8).map(({ incident }) => incident)).not.toEqual(
    visits(7).map(({ incident }) => incident),
  );
});

test("healthy hosts fail at the base rate on average, and differ only in a real plant", () => {
  const [hosts, days] = [20, 10];
  const plant = { seed: 3, hosts, days, hostsOfModel: 5 };
  const deviations = [IDEAL, REAL].map((spread) => {
    const visits = [...secondPlantOf({ ...plant, spread })];
    expect(visits.length / hosts / days).toBeGreaterThan(285);
    expect(visits.length / hosts / days).toBeLessThan(305);
    expect(Math.abs(rateOf(visits) - BASE_RATE)).toBeLessThan(0.002);
    expect(visits.every(({ index, model }) => model === modelName(index, plant))).toBe(true);
    const logarithms = Array.from({ length: hosts }, (_, host) =>
      Math.log(rateOf(visits.filter(({ index }) => index === host))),
    );
    const mean = logarithms.reduce((sum, one) => sum + one, 0) / hosts;
    return Math.sqrt(logarithms.reduce((sum, one) => sum + (one - mean) ** 2, 0) / hosts);
  });
  // Chance alone makes 0.13 of 60 incidents of each host.
  expect(deviations[0]).toBeLessThan(0.17);
  expect(deviations[1]).toBeGreaterThan(0.19);
});

test("as many hosts share an order as the options say", () => {
  for (const hostsOfOrder of [5, 10]) {
    const hosts = new Map<number, string>();
    const shares: number[] = [];
    for (const visit of secondPlantOf({
      seed: 5,
      hosts: 50,
      days: 8,
      spread: REAL,
      hostsOfOrder,
    })) {
      hosts.set(visit.index, visit.stratum);
      if (Number(visit.unit) % 500 === 499) shares.push(50 / new Set(hosts.values()).size);
    }
    const mean = shares.reduce((sum, one) => sum + one, 0) / shares.length;
    expect(mean).toBeGreaterThan(hostsOfOrder * 0.9);
    expect(mean).toBeLessThan(hostsOfOrder * 1.2);
  }
});

test("a fault brings a host or its port to the rate of the options, while it lasts", () => {
  const faults = [
    { hosts: [0], rate: 0.3, fromDay: 5, toDay: 10 },
    { hosts: [1], rate: 0.4, port: 2, fromDay: 5, toDay: 10 },
    { hosts: [2], rate: 0.4, fromDay: 5, toDay: 10, rampDays: 5 },
  ];
  const visits = [...secondPlantOf({ seed: 2, hosts: 10, days: 15, spread: REAL, faults })];
  const rate = (host: number, from: number, to: number, isPort = (_port: string) => true) =>
    rateOf(
      visits.filter(
        ({ index, day, port }) => index === host && day >= from && day < to && isPort(port),
      ),
    );
  expect(rate(0, 5, 10)).toBeGreaterThan(0.26);
  expect(rate(0, 5, 10)).toBeLessThan(0.34);
  expect(rate(1, 5, 10, (port) => port === "1-3")).toBeGreaterThan(0.33);
  expect(rate(1, 5, 10, (port) => port === "1-3")).toBeLessThan(0.47);
  expect(rate(1, 5, 10, (port) => port !== "1-3")).toBeLessThan(0.05);
  expect(rate(2, 5, 6)).toBeLessThan(0.12);
  expect(rate(2, 9, 10)).toBeGreaterThan(0.28);
  for (const host of [0, 1, 2])
    for (const [from, to] of [
      [0, 5],
      [10, 15],
    ] as const)
      expect(rate(host, from, to)).toBeLessThan(0.05);
});

test("one host works off most of a bad batch, and a few others the rest, in the days that are watched", () => {
  const { batchDays } = SECOND;
  const batches = [0, 1, 2, 3].map((k) => ({
    host: 2 * k,
    rate: 0.3,
    fromDay: 1 + k * batchDays,
  }));
  const days = 1 + batches.length * batchDays;
  const orders = new Map<string, PlantVisit[]>();
  for (const visit of secondPlantOf({ seed: 4, hosts: 10, days, spread: REAL, batches })) {
    const of = orders.get(visit.stratum) ?? [];
    orders.set(visit.stratum, of);
    of.push(visit);
  }
  const bad = [...orders.values()].filter((of) => of.length > 250 && rateOf(of) > 0.15);
  expect(bad.length).toBe(batches.length);
  for (const [at, { host, fromDay }] of batches.entries()) {
    const boards = bad[at] ?? [];
    const own = boards.filter(({ index }) => index === host);
    expect(own.length / boards.length).toBeGreaterThan(0.58);
    expect(own.length / boards.length).toBeLessThan(0.87);
    const others = new Set(boards.map(({ index }) => index)).size - 1;
    expect([2, 3, 4, 5]).toContain(others);
    expect(own[0]?.day).toBeGreaterThanOrEqual(fromDay);
    expect(own.at(-1)?.day).toBeLessThan(fromDay + batchDays);
  }
});
