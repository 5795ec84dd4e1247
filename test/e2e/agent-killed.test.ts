import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printerText } from "../../apps/agent/src/labels/address.ts";
import { startZplPrinter, type ZplPrinter } from "../../apps/agent/src/labels/zpl-printer.ts";
import { NIGHTLY } from "../nightly.ts";
import { type Gate, startGate } from "./support/gate.ts";
import { killAtEach, type Power, pointsOf } from "./support/kill-points.ts";
import {
  contentOf,
  type Death,
  expectAlive,
  expectNothingLeft,
  finishLabel,
  flash,
  losePowerOf,
  plugIn,
  pullOut,
  runUntilKilled,
} from "./support/killed-line.ts";
import { oneTeaching } from "./support/killed-teaching.ts";
import { type Line, prepareLine } from "./support/line.ts";
import { addPlant, addRelease, firmware, PRODUCT, unitOf } from "./support/plant.ts";
import { type Rig, startRig, until } from "./support/rig.ts";
import { callsBelow, type KillPoint } from "./support/traced.ts";

const IMAGE = firmware(6000, 1);
const HELD = firmware(6000, 2);
const VERSION = "1.0.0";
const STATION = "L3-K";
/** A cell that the image wants to be something else. */
const BROKEN = "stuck=0x08000400/255:1";
const UNITS = 5;
const MINUTES = 60_000;
const NEVER: KillPoint = { call: "fsync", nth: 60_000 };
const LABEL = "^XA^FO20,20^FD{serial}^FS^XZ";
const SEED = Number(process.env["FLASHLINE_SEED"] ?? 20_261_130);

/** What becomes of the unit: it passes, it fails, or it passes under a grant while the server is away. */
type Way = "pass" | "fail" | "granted";

let rig: Rig;
let gate: Gate;
let printer: ZplPrinter;
let line: Line;
const serials: string[] = [];
let passes = 0;

beforeAll(async () => {
  [rig, printer] = await Promise.all([startRig(), startZplPrinter()]);
  gate = await startGate(rig.url);
  await addPlant(rig);
  const reason = "for the test";
  // A grant and a label make the agent write more of what must not be lost.
  const grants = { hours: 1, units: UNITS, reason };
  await rig.api("setPlantGrants", { params: { id: "Graz" }, body: grants });
  const label = { template: LABEL, scanBack: "{serial}", reason };
  const products = (await rig.api("products", {})).body;
  const id = products.find(({ name }) => name === PRODUCT)?.id ?? "";
  await rig.api("setLabel", { params: { id }, body: label });
  await addRelease(rig, VERSION, 1, IMAGE);
  line = await prepareLine(rig, {
    name: STATION,
    version: VERSION,
    nests: 1,
    speed: 20,
    timing: "none",
    environment: {
      FLASHLINE_PRINTER: printerText(printer.address),
      FLASHLINE_SERVER: gate.url,
    },
  });
}, 4 * MINUTES);
afterAll(async () => {
  await line?.close();
  await printer?.close();
  await gate?.shut();
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
async function oneUnit(way: Way, point: KillPoint, power: Power): Promise<Death | undefined> {
  const serial = `MC2-${String(serials.length + 1).padStart(6, "0")}`;
  serials.push(serial);
  if (way !== "fail") passes += 1;
  pullOut(line);
  if (way === "granted") await gate.shut();
  let plugged = false;
  const death = await runUntilKilled(line, point, async () => {
    await plugIn(line, HELD);
    plugged = true;
    await work(way, serial);
    await gate.open();
    await told(way, serial);
    if (way === "fail") await transcriptOf(serial);
  });
  await gate.open();
  try {
    if (death !== undefined) {
      // Any other line is on the disk.
      if (power === "lost" && death.mayLoseLine) await losePowerOf(line);
      // As the PC is found: what the journal calls a result is one and stays the only one, and what was erased has to be told.
      const [isSaid, isErased] = [await hasResult(way, serial), plugged && !holds(HELD)];
      if (isSaid && way !== "fail") expectImage();
      const isAgain = await nextLife(way, serial, plugged);
      if (isSaid) expect(isAgain).toBe(false);
      if (isErased && !isSaid) expect(await codesOf(serial)).toContain("attempt.interrupted");
    }
    await (way === "fail" ? expectOneFail(serial) : expectOnePass(serial));
    const { body: order } = await rig.api("workOrder", { params: { id: line.order } });
    expect(order).toMatchObject({ used: passes, passed: passes });
  } catch (cause) {
    const where = `${serial}, ${way}, killed at ${JSON.stringify({ point, power, ...death })}`;
    throw new RangeError(`${where}\n${line.agent.output().slice(-3_000)}`, { cause });
  }
  return death;
}

/** From the scan to the verdict, at the page. */
async function work(way: Way, serial: string): Promise<void> {
  if (way !== "fail") return await flash(line, serial, printer);
  line.sim.command(`fault ${BROKEN}`);
  const { page } = line;
  await page.tell("scan", { text: serial });
  await page.nestIn("1", "ready");
  await page.tell("start", { nest: "1" });
  await page.nestIn("1", "fail");
  await page.tell("acknowledge", { nest: "1" });
}

/** The agent starts again, and the unit is flashed anew where the server has no end of it. True: it was. */
async function nextLife(way: Way, serial: string, plugged: boolean): Promise<boolean> {
  await line.startAgent();
  await delivered();
  const [nest] = line.page.view.nests;
  if (nest?.state === "fail") {
    if (way !== "fail") expect(nest.refusal.code).toBe("attempt.interrupted");
    await line.page.tell("acknowledge", { nest: "1" });
  }
  const isAgain = !(await isOver(way, serial));
  if (isAgain) {
    pullOut(line);
    await plugIn(line, plugged ? undefined : HELD);
    await work(way, serial);
  }
  await told(way, serial);
  await line.endAgent();
  return isAgain;
}

/** Whether the server has the end that it is to have. */
async function isOver(way: Way, serial: string): Promise<boolean> {
  if (way !== "fail") return (await unitOf(rig, serial))?.state === "passed";
  return (await codesOf(serial)).some((code) => code === null || !OF_A_CRASH.includes(code));
}

/** The server has the result and what comes behind it, and the station a whole grant. After a crash its nest shows a label a moment after the page is there. */
async function told(way: Way, serial: string): Promise<void> {
  await delivered();
  await until(
    "the server has all of it",
    async () => {
      expectAlive(line);
      if (way === "fail") return (await transcripts()).length === 0 ? true : undefined;
      await finishLabel(line, serial, printer);
      const labels = (await unitOf(rig, serial))?.labels ?? [];
      return labels.some(({ deed }) => deed === "scanned") ? true : undefined;
    },
    60_000,
  );
  await line.page.until("the grant is whole", ({ grant }) => grant?.left === UNITS);
}

/** Those that wait for the server. */
async function transcripts(): Promise<readonly string[]> {
  const names = await readdir(join(line.dataDir, "transcripts")).catch(() => []);
  return names.filter((name) => name.endsWith(".pcapng"));
}

/** Written behind the result: an agent that lives sends it. */
const transcriptOf = (serial: string) =>
  until("the server has the transcript", async () => {
    expectAlive(line);
    const [failed] = (await unitOf(rig, serial))?.history ?? [];
    if (failed === undefined) return undefined;
    const { body } = await rig.api("attempt", { params: { id: failed.id } });
    return body.transcript === null ? undefined : true;
  });

async function hasResult(way: Way, serial: string): Promise<boolean> {
  const word = way === "fail" ? '"FAIL"' : '"PASS"';
  const text = await readFile(join(line.dataDir, "journal.jsonl"), "utf8").catch(() => "");
  return text.split("\n").some((entry) => entry.includes(serial) && entry.includes(word));
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

/** How an attempt of the first life ends that has no result: its place in the line was given back, or nobody finished its erase. */
const OF_A_CRASH: readonly string[] = ["attempt.cancelled", "attempt.interrupted"];

/** Nothing lost, doubled, wrong or falsely PASS. */
async function expectOnePass(serial: string): Promise<void> {
  expectImage();
  const unit = await unitOf(rig, serial);
  const right = [["PASS"], ...OF_A_CRASH.map((code) => ["PASS", code])];
  expect(right).toContainEqual(await codesOf(serial));
  expect(unit?.state).toBe("passed");
  expect(openJobs(unit)).toEqual([]);
  const deeds = unit?.labels?.map(({ deed }) => deed) ?? [];
  const count = (wanted: string) => deeds.filter((deed) => deed === wanted).length;
  expect(count("scanned")).toBe(1);
  const jobs = printer.jobs.filter((job) => job.includes(serial)).length;
  expect(jobs).toBeLessThanOrEqual(1 + count("reprint"));
}

/** One FAIL of the unit's own, no label, and nothing that waits. */
async function expectOneFail(serial: string): Promise<void> {
  const unit = await unitOf(rig, serial);
  const codes = await codesOf(serial);
  const own = codes.filter((code) => code === null || !OF_A_CRASH.includes(code));
  expect(own).toEqual([expect.stringMatching(/^(?!PASS$)./)]);
  expect(codes.length - own.length).toBeLessThanOrEqual(1);
  expect(unit?.state).toBe("failed");
  expect(openJobs(unit)).toEqual([]);
  expect([unit?.labels ?? [], printer.jobs.filter((job) => job.includes(serial))]).toEqual([
    [],
    [],
  ]);
}

const openJobs = (unit: Awaited<ReturnType<typeof unitOf>>) =>
  unit?.jobs.filter(({ state }) => !/^(PASSED|FAILED|CANCELLED)$/.test(state));

const trace = () => join(line.dataDir, "../trace");

/** The points at which an entry of the journal is synchronised, by what a run that nobody disturbs does. */
async function journalPoints(): Promise<readonly KillPoint[]> {
  expect(await oneUnit("pass", NEVER, "kept")).toBeUndefined();
  expect(await oneUnit("pass", NEVER, "kept")).toBeUndefined();
  const calls = await callsBelow(line.dataDir, trace());
  let nth = 0;
  return calls.flatMap(({ call, path }, at): KillPoint[] => {
    if (call !== "fsync") return [];
    nth += 1;
    const before = calls.slice(0, at).findLast((one) => one.path === path);
    return path.endsWith("/journal.jsonl") && before?.call === "write" ? [{ call, nth }] : [];
  });
}

/** Kills before an entry of the journal is synchronised. What is written beside it moves it by one or two. */
async function atEntry(way: Way, { call, nth }: KillPoint, power: Power): Promise<void> {
  for (const by of [0, 1, -1, 2]) {
    const death = await oneUnit(way, { call, nth: nth + by }, power);
    if (death?.mayLoseLine === true) return;
  }
  throw new RangeError(`${way}: no entry is synchronised around fsync ${nth}`);
}

/** Kills before the taught nests have their name. Other files get theirs around the same time. */
async function atNests(): Promise<void> {
  expect(await oneTeaching(line, rig, NEVER)).toBeUndefined();
  const calls = await callsBelow(line.dataDir, trace());
  const renames = calls.filter(({ call }) => call === "rename").map(({ path }) => path);
  const at = renames.indexOf(join(line.dataDir, "nests.json"));
  for (const nth of [at + 1, at + 2, at, at + 3].filter((one) => one > 0)) {
    const death = await oneTeaching(line, rig, { call: "rename", nth });
    if (death?.path === "/nests.json") return;
  }
  throw new RangeError(`nests.json is not renamed to: ${renames.join(", ")}`);
}

/** By day: around two entries of a PASS, and once in each of the others. */
async function atFewPoints(): Promise<void> {
  const points = await journalPoints();
  // Intent, start, touched, result, settled.
  expect(points).toHaveLength(5);
  const [, , touched, result] = points;
  if (touched === undefined || result === undefined) throw new RangeError("there is no entry");
  await atEntry("pass", touched, "kept");
  await atEntry("pass", result, "lost");
  await atEntry("fail", touched, "lost");
  // It writes more, at a place that differs.
  expect(await oneUnit("granted", result, "lost")).toBeDefined();
  await atNests();
}

/** At night: at each point, as far as the minutes go. */
async function atEachPoint(
  name: string,
  minutes: number,
  one: (point: KillPoint, power: Power) => Promise<Death | undefined>,
  wanted: readonly string[],
): Promise<void> {
  // One that failed may have left its agent, and the server away.
  await line.endAgent("SIGKILL");
  await gate.open();
  // What only the first run writes is no part of a usual one.
  expect(await one(NEVER, "kept")).toBeUndefined();
  expect(await one(NEVER, "kept")).toBeUndefined();
  const points = await pointsOf(line.dataDir, trace());
  const budget = { name, budgetMs: minutes * 60_000, seed: SEED };
  const { deaths, isWhole } = await killAtEach(points, one, budget);
  expect(deaths.length).toBeGreaterThan(0);
  if (!isWhole) return;
  const found = deaths.map(({ call, path }) => `${call} ${path}`);
  expect(found).toEqual(expect.arrayContaining([...wanted]));
}

const DAY = "a few points";
const JOURNAL = ["fsync /journal.jsonl", "rename /journal.jsonl"];

describe(`an agent that is killed at ${NIGHTLY ? "each durable step" : DAY} loses and doubles nothing`, () => {
  const ofUnit = (way: Way) => (point: KillPoint, power: Power) => oneUnit(way, point, power);
  type Night = Parameters<typeof atEachPoint>;
  const nights: readonly Night[] = [
    ["a PASS", 7, ofUnit("pass"), [...JOURNAL, "rename /grant.json"]],
    ["a FAIL", 4, ofUnit("fail"), JOURNAL],
    ["a PASS under a grant", 5, ofUnit("granted"), [...JOURNAL, "rename /grant.json"]],
    ["teach-in", 3, (point) => oneTeaching(line, rig, point), ["rename /nests.json"]],
  ];
  if (NIGHTLY) {
    // What a night finds in one of them is no reason to leave the others out.
    it.each(nights)("%s", { timeout: 15 * MINUTES }, atEachPoint);
  } else {
    it(
      "of a PASS, a FAIL, a PASS under a grant, and teach-in",
      { timeout: 5 * MINUTES },
      atFewPoints,
    );
  }
  it("and leaves nothing behind", { timeout: MINUTES }, () => expectNothingLeft(line));
});
