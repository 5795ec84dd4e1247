import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../db/database.ts";
import { yieldCounter } from "../counts/counter.ts";
import { countDayAnew } from "../counts/rebuild.ts";
import { attempt } from "./arbitrary.ts";
import { BEGIN, compare, count, DAY_MS, DAYS, END, ONE, services, WHOLE } from "./comparing.ts";
import { type MadePlant, madePlant } from "./plant.ts";

let plant: MadePlant;
beforeAll(async () => {
  plant = await madePlant();
});
beforeEach(() => plant.clear());
afterAll(() => plant.close());

it.each(["Europe/Vienna", "Atlantic/Azores", "America/Havana", "Australia/Lord_Howe"])(
  "is right on days on which the clock is put back or forward, by the clock of %s",
  async (zone) => {
    const hour = 3_600_000;
    await plant.client.query("UPDATE plant SET time_zone = $1", [zone]);
    for (const change of ["2026-10-25", "2026-11-01", "2026-10-04", "2026-03-29"]) {
      await plant.clear();
      const begin = Date.parse(`${change}T00:00:00Z`) - 2 * DAY_MS;
      for (let unit = 0; unit < 40; unit += 1)
        await plant.report({ ...ONE, unit, at: begin + unit * 2.5 * hour + 7 });
      await count(plant, begin + 5 * DAY_MS);
      for (const hours of [0, 1.5, 2.5, 13, 13.5, 14, 22, 23.5, 24]) {
        const from = new Date(begin + hours * hour).toISOString();
        const to = new Date(begin + (hours + 75) * hour).toISOString();
        expect(await compare(plant, { from, to, plant: "Graz" })).toBe(true);
      }
    }
  },
);

const hours = (n: number) => BEGIN + n * 3_600_000;

/** What changes a time that is counted, and what that is then: first passes, the product's, no trouble found, units passed. */
describe("what changes later is right at once, and when it is counted anew", () => {
  const fail = { ...ONE, result: "FAIL", code: "link.budget", blame: "host" } as const;
  beforeEach(async () => {
    await plant.report({ ...fail, unit: 1, at: hours(30) });
    await plant.report({ ...ONE, unit: 1, at: hours(34) });
    await plant.report({ ...ONE, unit: 2, at: hours(40) });
    await count(plant, hours(50));
  });
  const told = async (): Promise<readonly string[]> => {
    expect(await compare(plant, WHOLE)).toBe(true);
    const { firstPass, productFirstPass, noTroubleFound, unitsPassed } =
      await services(plant).counted(WHOLE);
    return [firstPass, productFirstPass, noTroubleFound]
      .map((share) => `${share?.count}/${share?.n}`)
      .concat(String(unitsPassed));
  };

  it.each([
    ["nothing", () => Promise.resolve(), ["1/2", "1/2", "1/1", "2"]],
    ["a repair in between", () => plant.repair(1, hours(31)), ["1/2", "1/2", "0/1", "2"]],
    ["a repair after it", () => plant.repair(1, hours(35)), ["1/2", "1/2", "1/1", "2"]],
    [
      "a verdict on the host soon after",
      () => plant.judge(0, "SUSPECT", hours(90)),
      ["1/2", "1/1", "1/1", "2"],
    ],
    [
      "a verdict on another host",
      () => plant.judge(1, "SUSPECT", hours(90)),
      ["1/2", "1/2", "1/1", "2"],
    ],
    [
      "a verdict that is taken back before",
      async () => {
        await plant.judge(0, "SUSPECT", hours(2));
        await plant.judge(0, "OK", hours(3));
      },
      ["1/2", "1/2", "1/1", "2"],
    ],
    [
      "an earlier attempt that is reported late",
      () => plant.report({ ...ONE, unit: 1, at: hours(4) }),
      ["2/2", "2/2", "0/0", "2"],
    ],
    [
      "a unit that passes once more, in a time that is not counted yet",
      () => plant.report({ ...ONE, unit: 2, at: hours(60) }),
      ["1/2", "1/2", "1/1", "2"],
    ],
    [
      "a further unit in a time that is counted",
      () => plant.report({ ...fail, unit: 3, at: hours(7) }),
      ["1/3", "1/3", "1/2", "2"],
    ],
  ] as const)("%s", async (_name, change, expected) => {
    await change();
    expect(await told()).toEqual(expected);
    const { rows } = await plant.client.query("SELECT FROM yield_touched");
    await count(plant, hours(50));
    expect(await told()).toEqual(expected);
    if (_name === "nothing") expect(rows).toEqual([]);
    expect((await plant.client.query("SELECT FROM yield_touched")).rows).toEqual([]);
  });
});

it("notes nothing of a first try in a time that is not counted yet", async () => {
  await plant.report({ ...ONE, unit: 1, at: hours(1) });
  await count(plant, hours(50));
  await plant.report({ ...ONE, unit: 2, at: hours(51) });
  expect((await plant.client.query("SELECT FROM yield_touched")).rows).toEqual([]);
});

it("takes less of what has changed at once where that takes longer than a statement may", async () => {
  await plant.report({ ...ONE, at: BEGIN });
  await count(plant, END);
  const left = "SELECT count(*)::int AS n FROM yield_touched";
  await plant.client.query(
    "INSERT INTO yield_touched (quarter) SELECT quarter_of(to_timestamp($1)) FROM generate_series(1, 64)",
    [BEGIN / 1000],
  );
  const { db } = plant.server.platform;
  const slow: Database = {
    ...db,
    transaction: (work) =>
      db.transaction(async (sql) => {
        const count = async () => (await sql.query<{ n: number }>(left))[0]?.n ?? 0;
        const before = await count();
        const result = await work(sql);
        if (before - (await count()) > 4) throw new Error("canceling statement due to timeout");
        return result;
      }),
  };
  const counter = yieldCounter(slow, Date.now() - END);
  for (let turn = 0; turn < 60; turn += 1) await counter.turn().catch(() => true);
  expect((await plant.client.query(left)).rows).toEqual([{ n: 0 }]);
});

it("finds a count that is wrong, and puts it right", async () => {
  for (let unit = 0; unit < 10; unit += 1)
    await plant.report({ ...ONE, unit, at: BEGIN + unit * 3_600_000 });
  await count(plant, END);
  expect(await compare(plant, WHOLE)).toBe(true);
  await plant.client.query("UPDATE yield_count SET units = units + 1 WHERE span = 3600");
  const { db } = plant.server.platform;
  expect(await countDayAnew(db, BEGIN)).toMatchObject({ same: false });
  expect(await countDayAnew(db, BEGIN)).toMatchObject({ same: true });
  expect(await compare(plant, WHOLE)).toBe(true);
});

describe("beside results that are stored at the same time", () => {
  it("waits for a result that did not know that its time is counted", async () => {
    await plant.report({ ...ONE, at: BEGIN });
    const reporter = await plant.reporter();
    await reporter.report({ ...ONE, unit: 1, at: BEGIN + DAY_MS }, true);
    const counting = count(plant, END);
    // Longer than counting takes where it does not wait.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const early = await plant.client.query("SELECT FROM yield_count");
    await reporter.done();
    await counting;
    expect(early.rowCount).toBe(0);
    await count(plant, END);
    await reporter.close();
    expect(await compare(plant, WHOLE)).toBe(true);
    expect((await services(plant).counted(WHOLE)).firstPass).toMatchObject({ count: 2, n: 2 });
  });

  it("loses none of many", { timeout: 120_000 }, async () => {
    const reporters = await Promise.all([0, 1, 2, 3].map(() => plant.reporter()));
    const made = fc.sample(attempt, { numRuns: 400, seed: 11 });
    await plant.report({ ...ONE, at: BEGIN });
    let done = false;
    const reporting = Promise.all(
      reporters.map(async (reporter, own) => {
        for (const one of made.filter(({ unit }) => unit % reporters.length === own))
          await reporter.report(one);
      }),
    ).then(() => {
      done = true;
    });
    for (let hours = 0; !done; hours = (hours + 5) % (DAYS * 24)) {
      await count(plant, BEGIN + hours * 3_600_000);
      // Attempts go on while this reads: an answer by attempts alone would see another state, so only an error is found here.
      await services(plant).counted(WHOLE);
    }
    await reporting;
    await count(plant, END);
    for (const reporter of reporters) await reporter.close();
    for (const by of ["host", "nest", "order"] as const)
      expect(await compare(plant, { ...WHOLE, by })).toBe(true);
  });
});
