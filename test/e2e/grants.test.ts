import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { startStation, type TestStation } from "./support/station.ts";

/** Long enough on the wire to be interrupted in the middle. */
const IMAGE = firmware(48 * 1024, 7);

let rig: Rig;
const stations: TestStation[] = [];
beforeAll(async () => {
  rig = await startRig();
  await addPlant(rig);
  await addRelease(rig, "1.0.0", 1, IMAGE);
});
afterAll(async () => {
  await Promise.all(stations.map((station) => station.close()));
  await rig.close();
});

const giving = (rules: { hours?: number; units?: number }) =>
  rig.api("setPlantGrants", { params: { id: "Graz" }, body: { ...rules, reason: "for the test" } });

async function stationWith(number: string, quantity: number, speed = 10): Promise<TestStation> {
  const order = { number, product: PRODUCT, version: "1.0.0", quantity };
  const station = await startStation(rig, { name: `ST-${number}`, line: LINE, order, speed });
  stations.push(station);
  return station;
}

const left = (station: TestStation, units: number | null) =>
  until(
    `${units} units are left`,
    async () => ((await station.view()).grant?.left ?? null) === units || undefined,
    30_000,
    station.agentOutput,
  );

const grantsOf = async (order: string) =>
  (await rig.api("grants", { query: { order, open: "true" } })).body;

const codeOf = (nest: { readonly state: string; readonly refusal?: { code: string } | null }) =>
  `${nest.state} ${nest.refusal?.code ?? ""}`.trim();

it("a server that is killed stops no line for as many units as it granted, and has each of their results once when it is back", async () => {
  await giving({ hours: 1, units: 3 });
  // A unit is worked on for as long as it takes a busy machine to stop a process.
  const station = await stationWith("WO-1", 40, 2);
  await left(station, 3);
  expect(await grantsOf("WO-1")).toMatchObject([{ units: 3, used: 0, state: "open" }]);
  // With the server the grant is not touched.
  expect((await station.flash("1", "MC2-000001")).state).toBe("pass");
  await station.replaceUnit("1");
  expect((await station.view()).grant?.left).toBe(3);

  await rig.stopServer("SIGKILL");
  const began = Date.now();
  expect((await station.flash("1", "MC2-000002")).state).toBe("pass");
  await station.replaceUnit("1");
  // What this station knows of a unit counts here too.
  expect(codeOf(await station.flash("1", "MC2-000002"))).toBe("refused preflight.already_passed");
  await station.replaceUnit("1");
  // Killed in mid-write: a FAIL, and its place stays used.
  await station.tell("scan", { text: "FL-NEST-2" });
  await station.tell("scan", { text: "MC2-000003" });
  await station.untilNest("2", "ready");
  await station.tell("start", { nest: "2" });
  await station.untilTouched("2");
  await station.endAgent("SIGKILL");
  await station.startAgent();
  expect(codeOf(await station.untilNest("2", "fail"))).toBe("fail attempt.interrupted");
  await left(station, 1);
  await station.tell("acknowledge", { nest: "2" });
  // The FAIL was shown before the ports were looked at.
  await station.untilNest("2", "present");
  expect((await station.flash("2", "MC2-000003")).state).toBe("pass");
  const over = Date.now();
  await left(station, 0);
  // A nest of which the agent knows only its last unit wants to be empty once.
  await station.replaceUnit("1");
  expect(codeOf(await station.flash("1", "MC2-000004"))).toBe("refused grant.used_up");
  expect(await station.view()).toMatchObject({ server: "away", queuedResults: 3 });

  await rig.startServer();
  await until(
    "all results are in",
    async () => ((await station.view()).queuedResults === 0 ? true : undefined),
    60_000,
    station.agentOutput,
  );
  // The unit that was refused becomes ready by itself.
  await station.untilNest("1", "ready");
  const second = await unitOf(rig, "MC2-000002");
  expect(second).toMatchObject({ state: "passed", jobs: [{ state: "PASSED" }] });
  const third = await unitOf(rig, "MC2-000003");
  expect(third?.state).toBe("passed");
  expect(third?.history.map(({ outcome }) => outcome).toSorted()).toEqual(["FAIL", "PASS"]);
  for (const id of [...(second?.history ?? []), ...(third?.history ?? [])].map(({ id }) => id)) {
    const { body } = await rig.api("attempt", { params: { id } });
    expect(body).toMatchObject({ review: false, contradictions: [] });
    const at = Date.parse(body.startedAt);
    expect(at).toBeGreaterThan(began - 2_000);
    expect(at).toBeLessThan(over + 2_000);
  }
  const { body: order } = await rig.api("workOrder", { params: { id: "WO-1" } });
  expect(order).toMatchObject({ passed: 3, used: 3 });
  // A new grant is at hand, and the one of before has gone back.
  await left(station, 3);
  await until(
    "the old grant is back",
    async () => ((await grantsOf("WO-1")).length === 1 ? true : undefined),
    30_000,
    station.agentOutput,
  );
  const { body: all } = await rig.api("grants", { query: { order: "WO-1" } });
  expect(all.map(({ state, used }) => `${state} ${used}`)).toContain("returned 3");
  // The station writes that down once it has the answer.
  await expect
    .poll(() => readFile(join(station.dataDir, "grant.json"), "utf8"), { timeout: 10_000 })
    .toContain('"returning":[],"taken":{}');
}, 240_000);

it("an order that runs short gets its places back from a station that is there, unit by unit to its end", async () => {
  await giving({ hours: 1, units: 3 });
  const station = await stationWith("WO-2", 6);
  await left(station, 3);
  for (const serial of ["MC2-000021", "MC2-000022", "MC2-000023", "MC2-000024"]) {
    await station.tell("scan", { text: "FL-NEST-1" });
    await station.tell("scan", { text: serial });
    await station.untilNest("1", "ready");
    await station.tell("start", { nest: "1" });
    await station.untilNest("1", "pass");
    await station.replaceUnit("1");
  }
  const { body } = await rig.api("workOrder", { params: { id: "WO-2" } });
  expect(body).toMatchObject({ used: 4, passed: 4 });
}, 120_000);

it("a plant that gives no grants any more has them all back", async () => {
  const station = await stationWith("WO-3", 40);
  await left(station, 3);
  await giving({ hours: 0 });
  await left(station, null);
  await until(
    "no grant is open",
    async () => ((await grantsOf("WO-3")).length === 0 ? true : undefined),
    30_000,
    station.agentOutput,
  );
  await rig.stopServer("SIGKILL");
  expect(codeOf(await station.flash("1", "MC2-000031"))).toBe("refused agent.offline");
  await rig.startServer();
}, 120_000);
