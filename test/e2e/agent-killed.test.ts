import { readdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { printerText } from "../../apps/agent/src/labels/address.ts";
import { startZplPrinter, type ZplPrinter } from "../../apps/agent/src/labels/zpl-printer.ts";
import { NIGHTLY } from "../nightly.ts";
import {
  contentOf,
  type Death,
  finishLabel,
  flash,
  losePowerOf,
  plugIn,
  pullOut,
  runUntilKilled,
} from "./support/killed-line.ts";
import { type Line, prepareLine } from "./support/line.ts";
import { addPlant, addRelease, firmware, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { callsBelow, DURABLE_CALLS, type KillPoint } from "./support/traced.ts";

const IMAGE = firmware(6000, 1);
const HELD = firmware(6000, 2);
const VERSION = "1.0.0";
const NEVER: KillPoint = { call: "fsync", nth: 60_000 };
const LABEL = "^XA^FO20,20^FD{serial}^FS^XZ";

let rig: Rig;
let printer: ZplPrinter;
let line: Line;
const serials: string[] = [];

beforeAll(async () => {
  [rig, printer] = await Promise.all([startRig(), startZplPrinter()]);
  await addPlant(rig);
  const reason = "for the test";
  // A grant and a label make the agent write more of what must not be lost.
  await rig.api("setPlantGrants", { params: { id: "Graz" }, body: { hours: 1, units: 5, reason } });
  const label = { template: LABEL, scanBack: "{serial}", reason };
  const products = (await rig.api("products", {})).body;
  const id = products.find(({ name }) => name === PRODUCT)?.id ?? "";
  await rig.api("setLabel", { params: { id }, body: label });
  await addRelease(rig, VERSION, 1, IMAGE);
  line = await prepareLine(rig, {
    ...{ name: "L3-K", version: VERSION, nests: 1, speed: 20, timing: "none" },
    environment: { FLASHLINE_PRINTER: printerText(printer.address) },
  });
});
afterAll(async () => {
  await line?.close();
  await printer?.close();
  await rig?.close();
});

const delivered = (): Promise<void> =>
  line.page.until(
    "the server has all results",
    ({ server, queuedResults, nests }) =>
      server === "connected" && queuedResults === 0 && nests.length === 1,
  );

/**
 * One unit from the plug to the delivered result, by an agent that is killed at the point, and by its next life where it was. With `power` lost the
 * line of the journal that was not synchronised is gone.
 */
async function oneUnit(point: KillPoint, power: "kept" | "lost"): Promise<Death | undefined> {
  const serial = `MC2-${String(serials.length + 1).padStart(6, "0")}`;
  serials.push(serial);
  pullOut(line);
  let plugged = false;
  const death = await runUntilKilled(line, point, async () => {
    await plugIn(line, HELD);
    plugged = true;
    await flash(line, serial, printer);
    await delivered();
    await told(serial);
  });
  try {
    if (death !== undefined) {
      if (power === "lost") await losePowerOf(line);
      // As the PC is found: whatever the journal calls a PASS is one, and what was erased has to be told.
      const [isPass, isErased] = [await saysPass(serial), plugged && !holds(HELD)];
      if (isPass) expectImage();
      await nextLife(serial, plugged);
      if (isErased && !isPass) expect(await codesOf(serial)).toContain("attempt.interrupted");
    }
    await expectOnce(serial);
  } catch (cause) {
    const where = `${serial}, killed at ${JSON.stringify({ point, power, ...death })}`;
    throw new RangeError(`${where}\n${line.agent.output().slice(-3_000)}`, { cause });
  }
  return death;
}

/** The agent starts again, and the unit is flashed anew where it has not passed. */
async function nextLife(serial: string, plugged: boolean): Promise<void> {
  await line.startAgent();
  await delivered();
  const [nest] = line.page.view.nests;
  if (nest?.state === "fail") {
    expect(nest.refusal.code).toBe("attempt.interrupted");
    await line.page.tell("acknowledge", { nest: "1" });
  }
  if ((await unitOf(rig, serial))?.state !== "passed") {
    pullOut(line);
    await plugIn(line, plugged ? undefined : HELD);
    await flash(line, serial, printer);
  }
  await delivered();
  await told(serial);
  await line.endAgent();
}

/** The record of its label comes behind the result, if the agent lives. After a crash its nest shows it a moment after the page is there. */
const told = (serial: string) =>
  until(
    "the server knows of the scan",
    async () => {
      if (line.agent.child.signalCode !== null) throw new RangeError("the agent was killed");
      await finishLabel(line, serial, printer);
      const labels = (await unitOf(rig, serial))?.labels ?? [];
      return labels.some(({ deed }) => deed === "scanned") ? true : undefined;
    },
    60_000,
  );

async function saysPass(serial: string): Promise<boolean> {
  const text = await readFile(join(line.dataDir, "journal.jsonl"), "utf8").catch(() => "");
  return text.split("\n").some((entry) => entry.includes(serial) && entry.includes('"PASS"'));
}

const holds = (content: Buffer): boolean =>
  Buffer.compare(contentOf(line, content.length), content) === 0;

function expectImage(): void {
  expect(holds(IMAGE)).toBe(true);
}

/** What the server has of the unit's attempts. */
async function codesOf(serial: string): Promise<readonly (string | null)[]> {
  const unit = await unitOf(rig, serial);
  return (unit?.history ?? []).map(({ outcome, code }) => code ?? outcome).toSorted();
}

/** Nothing lost, doubled, wrong or falsely PASS. */
async function expectOnce(serial: string): Promise<void> {
  expectImage();
  const unit = await unitOf(rig, serial);
  // Of the first life: a result, a place in the line that was given back, or an erase that nobody finished.
  const right = [["PASS"], ["PASS", "attempt.cancelled"], ["PASS", "attempt.interrupted"]];
  expect(right).toContainEqual(await codesOf(serial));
  expect(unit?.state).toBe("passed");
  const open = unit?.jobs.filter(({ state }) => !/^(PASSED|FAILED|CANCELLED)$/.test(state));
  expect(open).toEqual([]);
  const deeds = unit?.labels?.map(({ deed }) => deed) ?? [];
  const count = (wanted: string) => deeds.filter((deed) => deed === wanted).length;
  expect(count("scanned")).toBe(1);
  const jobs = printer.jobs.filter((job) => job.includes(serial)).length;
  expect(jobs).toBeLessThanOrEqual(1 + count("reprint"));
  const { body: order } = await rig.api("workOrder", { params: { id: line.order } });
  expect(order).toMatchObject({ used: serials.length, passed: serials.length });
}

/** Unfinished files are removed when they are old. */
async function expectNothingLeft(): Promise<void> {
  const unfinished = async () => {
    const files = await readdir(line.dataDir, { recursive: true });
    return files.filter((name) => name.endsWith(".new"));
  };
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  for (const name of await unfinished())
    await utimes(join(line.dataDir, name), yesterday, yesterday);
  await line.startAgent();
  await line.endAgent();
  expect(await unfinished()).toEqual([]);
}

/** The points at which an entry of the journal is synchronised, by what a run that nobody disturbs does. */
async function journalPoints(): Promise<readonly KillPoint[]> {
  expect(await oneUnit(NEVER, "kept")).toBeUndefined();
  expect(await oneUnit(NEVER, "kept")).toBeUndefined();
  const calls = await callsBelow(line.dataDir, join(line.dataDir, "../trace"));
  let nth = 0;
  return calls.flatMap(({ call, path }, at): KillPoint[] => {
    if (call !== "fsync") return [];
    nth += 1;
    const before = calls.slice(0, at).findLast((one) => one.path === path);
    return path.endsWith("/journal.jsonl") && before?.call === "write" ? [{ call, nth }] : [];
  });
}

async function aroundTwoEntries(): Promise<void> {
  const points = await journalPoints();
  // Intent, start, touched, result, settled.
  expect(points).toHaveLength(5);
  for (const point of points.slice(2, 4)) {
    for (const power of ["lost", "kept"] as const) {
      const death = await oneUnit(point, power);
      expect(death).toMatchObject({ path: "/journal.jsonl", mayLoseLine: true });
    }
  }
}

async function beforeEachStep(): Promise<void> {
  const deaths: string[] = [];
  for (const call of DURABLE_CALLS) {
    for (let nth = 1; ; nth += 1) {
      const death = await oneUnit({ call, nth }, "kept");
      if (death === undefined) break;
      deaths.push(`${death.call} ${death.path}`);
      if (death.mayLoseLine) await oneUnit({ call, nth }, "lost");
    }
  }
  const wanted = ["fsync /journal.jsonl", "rename /grant.json", "rename /journal.jsonl"];
  expect(deaths).toEqual(expect.arrayContaining(wanted));
  expect(deaths.length).toBeGreaterThan(30);
}

it(`an agent that is killed before ${NIGHTLY ? "each durable step of a unit" : "two entries of its journal, with and without them,"} loses and doubles nothing`, async () => {
  await (NIGHTLY ? beforeEachStep() : aroundTwoEntries());
  await expectNothingLeft();
}, 1_200_000);
