import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { BEGIN, ONE } from "../yield/testing/comparing.ts";
import { HOSTS, type MadeAttempt, type MadePlant, madePlant } from "../yield/testing/plant.ts";
import { lowYield } from "./causes/yield.ts";
import { trialService } from "./trial/service.ts";

let plant: MadePlant;
let wien: string;
beforeAll(async () => {
  plant = await madePlant();
  const { rows } = await plant.client.query<{ id: string }>(
    "SELECT id FROM plant WHERE name = 'Wien'",
  );
  wien = rows[0]?.id ?? "";
});
beforeEach(() => plant.clear());
afterAll(() => plant.close());

const SETTINGS = { share: 0.9, units: 10, hours: 4 };
const FAILED = { ...ONE, result: "FAIL", code: "link.budget", blame: "host" } as const;

/** So many units of which so many passed, all of them told just now. */
async function made(units: number, passed: number, change: Partial<MadeAttempt> = {}, from = 0) {
  for (let n = 0; n < units; n += 1)
    await plant.report({
      ...(n < passed ? ONE : FAILED),
      unit: from + n,
      at: BEGIN + n * 60_000,
      ...change,
    });
  await plant.client.query("UPDATE attempt SET received_at = now() - interval '1 minute'");
}
/** What the rule finds in a plant, and what its trial says that it would have found. */
async function found(scope: string, name: string): Promise<readonly string[]> {
  const { db } = plant.server.platform;
  const now = await lowYield.find(db.sql, [{ scope, settings: SETTINGS }]);
  const trial = await trialService(db).try("yield.low", { plant: name, settings: SETTINGS });
  expect(trial.would).toBe(now.filter(({ raises }) => raises).length);
  return now.map(({ parameters: of }) => `${of["passed"]} of ${of["units"]}`);
}
const graz = () => found(plant.server.seed.plantId, "Graz");

it("tells of a product's first step alone: a later one has its own yield", async () => {
  await made(20, 19);
  await made(20, 5, { step: 1 });
  expect(await graz()).toEqual([]);
  await made(15, 0, {}, 20);
  expect(await graz()).toEqual(["19 of 35"]);
});

it("tells of real units, and of virtual ones where there are no others", async () => {
  const virtual = { host: HOSTS.length - 1 };
  await made(20, 4, virtual);
  expect(await graz()).toEqual(["4 of 20"]);
  await made(15, 15, {}, 20);
  expect(await graz()).toEqual([]);
});

it("tells of what was made in the plant, wherever its station stands now", async () => {
  // L3-02 stood in Wien until later.
  await made(20, 4, { station: 1 });
  expect(await graz()).toEqual([]);
  expect(await found(wien, "Wien")).toEqual(["4 of 20"]);
});
