// A station as on a line: eight nests at four USB controllers of the virtual machine, units that are pulled out and put back, an agent that is killed, a server
// that is cut with and without a grant. What comes next waits for what was reached, so that a slow machine only takes longer.
import { setTimeout as pause } from "node:timers/promises";
import type { NestView } from "@flashline/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addPlant, addRelease, firmware, LINE, PRODUCT, unitOf } from "../e2e/support/plant.ts";
import { type Rig, startRig, until } from "../e2e/support/rig.ts";
import { type Shift, startShift } from "./harness/shift.ts";
import { type Journaled, prepareStation, type StationInMachine } from "./harness/station.ts";

const IMAGE = firmware(12 * 1024, 1);
const HELD = firmware(12 * 1024, 2);
const STATION = "L3-VM";
const ORDER = "WO-VM";
const QUANTITY = 20;
const GRANTED = 8;
/** The server is away for at least so long, milliseconds: longer than a lease. */
const CUT_MS = 120_000;
const seed = Number(process.env["FLASHLINE_SEED"] ?? Math.floor(Math.random() * 1e9));

let rig: Rig;
let station: StationInMachine;
let shift: Shift;
/** What the agent's journal said when it was killed. */
const journaled: Journaled[] = [];

beforeAll(async () => {
  rig = await startRig();
  await addPlant(rig);
  await addRelease(rig, "1.0.0", 1, IMAGE);
  await giving(1);
  const { body } = await rig.api("addStation", { body: { name: STATION, line: LINE } });
  const order = { product: PRODUCT, version: "1.0.0", quantity: QUANTITY, stations: [STATION] };
  await rig.api("addWorkOrder", { body: { number: ORDER, ...order } });
  station = await prepareStation(rig, body.token);
  await station.startAgent();
  await until("the page is there", station.view, 600_000);
}, 1_800_000);

afterAll(async () => {
  await station?.close();
  await rig?.close();
});

const giving = (hours: number) =>
  rig.api("setPlantGrants", {
    params: { id: "Graz" },
    body: { hours, units: GRANTED, reason: "for the test" },
  });
const order = async () => (await rig.api("workOrder", { params: { id: ORDER } })).body;
const grants = async () => (await rig.api("grants", { query: { order: ORDER } })).body;

/** Kills the agent in mid-work, and starts it again. What its journal calls a PASS by then is one. */
async function restartAgent(orElse?: () => boolean): Promise<void> {
  await shift.atWork(orElse);
  shift.note("the agent is killed");
  journaled.push(...(await station.killAgent()));
  await station.startAgent();
  await shift.when("the page is back", () => station.view() !== undefined);
}

/** Kills the server in mid-work. It starts again after some minutes, and when all is done that is done meanwhile. */
async function withoutServer(meanwhile: () => Promise<void>): Promise<void> {
  await shift.atWork();
  shift.note("the server is killed");
  await rig.stopServer("SIGKILL");
  await Promise.all([meanwhile(), pause(CUT_MS)]);
  shift.note("the server starts");
  await rig.startServer();
  await shift.when("the server has all results", hasDelivered);
}
const hasDelivered = (): boolean =>
  station.view()?.server === "connected" && station.view()?.queuedResults === 0;

async function cutWithGrant(): Promise<void> {
  await shift.when("the station has a grant", () => (station.view()?.grant?.left ?? 0) >= 4);
  // Its units are counted before one of them is flashed.
  const [open] = await grants();
  expect(open).toMatchObject({ state: "open", used: 0 });
  expect((await order()).used + (open?.units ?? 0)).toBeLessThanOrEqual(QUANTITY);
  shift.begin(QUANTITY - 4);
  await withoutServer(async () => {
    const isUsedUp = () => station.view()?.grant?.left === 0;
    await shift.more(2, isUsedUp);
    await restartAgent(isUsedUp);
    await shift.more(2, isUsedUp);
  });
  await shift.when("a grant has units left", () => (station.view()?.grant?.left ?? 0) > 0);
}

async function cutWithoutGrant(): Promise<void> {
  await giving(0);
  await shift.when("the station has no grant", () => station.view()?.grant === null);
  const allBack = async () => (await grants()).every(({ state }) => state === "returned");
  await until("all grants are back", async () => (await allBack()) || undefined, 600_000);
  shift.begin(QUANTITY - 2);
  await withoutServer(() => {
    shift.begin(QUANTITY);
    return shift.when("nothing is at work any more, and a unit waits for the server", () => {
      const nests = station.view()?.nests ?? [];
      const waits = (nest: NestView) =>
        nest.state === "refused" && nest.refusal.code === "agent.offline";
      return nests.some(waits) && !nests.some(({ state }) => /busy|starting/.test(state));
    });
  });
}

/** One unit more than were ordered. */
async function expectNoneBeyond(): Promise<void> {
  const [unit] = station.units;
  unit?.replace({ serial: "FFFF99999901" });
  const nest = () => station.view()?.nests.find(({ name }) => name === "1");
  await shift.when("one more unit is there", () => nest()?.state === "present");
  await station.tell("scan", { text: "FL-NEST-1" });
  await station.tell("scan", { text: "MC2-999999" });
  await shift.when("it is refused", () => nest()?.state === "refused");
  expect(nest()).toMatchObject({ refusal: { code: "preflight.quota_reached" } });
}

/** Nothing lost, doubled, falsely PASS or without an outcome, and each result counted once. */
async function expectOnce(): Promise<void> {
  await shift.when("the server has all results", hasDelivered);
  expect(station.view()?.setAside).toBe(0);
  const attempts = new Map<string, string | null>();
  for (const { serial, passed, failed, holdsImage } of shift.lives) {
    const unit = await unitOf(rig, serial);
    const { history = [], jobs = [], state } = unit ?? {};
    expect({ serial, state }).toEqual({ serial, state: passed ? "passed" : "failed" });
    if (passed) expect({ serial, holdsImage }).toEqual({ serial, holdsImage: true });
    expect(history.filter(({ outcome }) => outcome === "PASS")).toHaveLength(passed ? 1 : 0);
    expect(history.map(({ code }) => code)).toEqual(expect.arrayContaining([...failed]));
    expect(jobs.filter((job) => !/^(PASSED|FAILED|CANCELLED)$/.test(job.state))).toEqual([]);
    for (const { id, outcome, code, ...is } of history) {
      expect({ id, isThere: attempts.has(id) }).toEqual({ id, isThere: false });
      attempts.set(id, outcome);
      // Of a place in the line that was given back there is a code alone.
      expect(outcome ?? code).not.toBeNull();
      expect(is).toMatchObject({ review: false, late: false, contradictions: [] });
    }
  }
  for (const { attemptId, outcome } of journaled) {
    expect({ attemptId, outcome: attempts.get(attemptId) }).toEqual({ attemptId, outcome });
  }
  const failed = shift.lives.length - QUANTITY;
  expect(await order()).toMatchObject({ used: QUANTITY, passed: QUANTITY, failed, running: 0 });
  expect(station.units.flatMap(({ illegal }) => illegal)).toEqual([]);
}

/** What was flashed under grants is within them, and the rest has gone back. */
async function expectGrants(): Promise<void> {
  const all = await grants();
  expect(all.filter(({ state }) => state !== "returned")).toEqual([]);
  expect(all.filter(({ used, units }) => used > units)).toEqual([]);
  expect(all.some(({ used }) => used >= 2)).toBe(true);
  expect(all.some(({ used, units }) => used < units)).toBe(true);
}

async function workThrough(): Promise<void> {
  shift.begin(8);
  await shift.more(1);
  await restartAgent();
  await shift.more(2);
  await cutWithGrant();
  await cutWithoutGrant();
  await shift.when("the order is complete", () => shift.passed() === QUANTITY);
  await shift.end();
}

test(`eight nests at four controllers lose and double nothing, whatever is pulled, killed and cut (seed ${seed})`, async () => {
  shift = startShift({ ...station, seed, held: HELD, image: IMAGE });
  try {
    await workThrough();
    await expectNoneBeyond();
    await expectOnce();
    await expectGrants();
  } catch (cause) {
    throw new RangeError((await station.agentLog()).slice(-8_000), { cause });
  }
}, 3_600_000);
