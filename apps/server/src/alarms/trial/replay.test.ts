import { describe, expect, test } from "vitest";
import { type PastResult, REPLAYS } from "./replay.ts";

const MINUTE = 60_000;
let number = 0;
const result = (minute: number, more: Partial<PastResult> = {}): PastResult => {
  number += 1;
  return {
    at: minute * MINUTE,
    outcome: "FAIL",
    first: true,
    virtual: false,
    contradicted: false,
    cancelled: false,
    skewMs: 0,
    unitId: `u${number}`,
    serial: `S${number}`,
    product: "P",
    nestId: "n1",
    nest: "L3-01/1",
    hostId: "h1",
    host: "L3-01 pc",
    stationId: "s1",
    station: "L3-01",
    ...more,
  };
};
const play = (
  rule: keyof typeof REPLAYS,
  settings: Record<string, number>,
  results: readonly PastResult[],
  now = 10_000,
) => {
  const replay = REPLAYS[rule](settings);
  for (const one of results) replay.take(one);
  return replay.end(now * MINUTE);
};
const told = (all: ReturnType<typeof play>) =>
  all.map(({ kind, name, at, until }) => [kind, name, at / MINUTE, until && until / MINUTE]);

describe("failures in a row", () => {
  const LIMITS = { nest: 3, host: 4, station: 5 };

  test("so many different units in one nest, until one passes", () => {
    const results = [1, 2, 3, 4].map((minute) => result(minute));
    const pass = result(5, { outcome: "PASS" });
    expect(told(play("failures.row", LIMITS, [...results, pass]))).toEqual([
      ["nest", "L3-01/1", 3, 5],
    ]);
    expect(play("failures.row", { ...LIMITS, nest: 5 }, [...results, pass])).toEqual([]);
  });

  test("the same unit again is one unit; what was called off or contradicted says nothing", () => {
    const again = [1, 2, 3].map((minute) => result(minute, { unitId: "one" }));
    const others = [result(4, { cancelled: true }), result(5, { contradicted: true })];
    expect(play("failures.row", LIMITS, [...again, ...others])).toEqual([]);
  });

  test("what holds of the host is not told of its nests", () => {
    const results = [1, 2, 3, 4].map((minute) =>
      result(minute, { nestId: `n${minute % 2}`, nest: `L3-01/${minute % 2}` }),
    );
    expect(told(play("failures.row", LIMITS, results))).toEqual([
      ["host", "L3-01 pc", 4, 4 + 12 * 60],
    ]);
  });

  test("failures of yesterday are not in the row of today", () => {
    const results = [1, 2, 1_000].map((minute) => result(minute));
    expect(play("failures.row", LIMITS, results)).toEqual([]);
  });
});

describe("yield", () => {
  const LIMITS = { share: 0.9, units: 10, hours: 4 };

  test("is told when the whole interval is below the limit, and over when the yield is at it", () => {
    const bad = Array.from({ length: 10 }, (_, minute) =>
      result(minute, { outcome: minute % 2 === 0 ? "PASS" : "FAIL" }),
    );
    const good = Array.from({ length: 60 }, (_, at) => result(10 + at, { outcome: "PASS" }));
    const [alarm, ...more] = play("yield.low", LIMITS, [...bad, ...good]);
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ kind: "product", name: "P", at: 9 * MINUTE });
    // 5 of 10, then 45 passes: 50 of 55 are the first with 90 %.
    expect(alarm?.until).toBe((10 + 39) * MINUTE);
  });

  test("old results leave it: with none left it is over", () => {
    const bad = Array.from({ length: 12 }, (_, minute) => result(minute));
    const [alarm] = play("yield.low", LIMITS, bad);
    expect(alarm?.until).toBe(10_000 * MINUTE);
  });

  test("second tries and other products do not count", () => {
    const results = Array.from({ length: 20 }, (_, minute) =>
      result(minute, minute % 2 === 0 ? { first: false } : { product: `P${minute}` }),
    );
    expect(play("yield.low", LIMITS, results)).toEqual([]);
  });
});

test("a clock is off from the limit on, and right again at half of it", () => {
  const skews = [59_000, 61_000, 40_000, 29_000].map((skewMs, minute) =>
    result(minute, { skewMs }),
  );
  expect(told(play("clock.skew", { seconds: 60 }, skews))).toEqual([["station", "L3-01", 1, 3]]);
});

test("contradictions are one alarm while they come within the time", () => {
  const at = [0, 60, 400].map((minute) => result(minute, { contradicted: true }));
  expect(told(play("result.contradicted", { hours: 4 }, at))).toEqual([
    ["station", "L3-01", 0, 60 + 4 * 60],
    ["station", "L3-01", 400, 400 + 4 * 60],
  ]);
  expect(play("result.contradicted", { hours: 4 }, at.slice(0, 1), 30)[0]?.until).toBeNull();
});
