import { once } from "node:events";
import { readdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { partByName } from "@flashline/virtual-stm32";
import { expect } from "vitest";
import type { ZplPrinter } from "../../../apps/agent/src/labels/zpl-printer.ts";
import type { Line } from "./line.ts";
import { until } from "./rig.ts";
import { callsBelow, type KillPoint, loseLastLine, tracedBy } from "./traced.ts";

/** The one nest of such a line. */
export const NEST = "1";
const { base } = partByName("f407").flash;
/** How long a port is empty before its nest takes another unit, milliseconds of the station's clock. */
const EMPTY_MS = 1_600;
/** The agent looks at its nests that often. */
const TICK_MS = 250;

/** Where an agent was killed, and how it went. */
export interface Death {
  readonly call: string;
  /** Below the data folder. */
  readonly path: string;
  /** A line of the journal was written and is not synchronised: a power cut may take it. */
  readonly mayLoseLine: boolean;
}

/** Puts a unit that holds `held` into the nest, and waits until the agent has seen it. */
export async function plugIn(line: Line, held?: Uint8Array): Promise<void> {
  await line.page.nestIn(NEST, "empty");
  await pause(Math.max(2 * TICK_MS, EMPTY_MS / line.speed));
  if (held === undefined) line.sim.command(`plug ${NEST}`);
  else {
    line.sim.command(`replace ${NEST}`);
    line.sim.units[0]?.flash.load(base, held);
  }
  await line.page.nestIn(NEST, "present");
}

export const pullOut = ({ sim }: Line): void => void sim.command(`unplug ${NEST}`);

/** What the unit holds where the image goes. */
export const contentOf = ({ sim }: Line, length: number): Uint8Array =>
  sim.units[0]?.flash.snapshot().subarray(0, length) ?? new Uint8Array();

/** Scan, START, PASS, and the label where there is one, until the server has it or `isDone`. */
export async function flash(line: Line, serial: string, printer?: ZplPrinter): Promise<void> {
  const { page } = line;
  await page.tell("scan", { text: serial });
  await page.nestIn(NEST, "ready");
  await page.tell("start", { nest: NEST });
  const { state } = await page.nestIn(NEST, "label", "pass", "fail");
  if (state === "fail") throw new RangeError(`${serial}: ${JSON.stringify(page.view.nests)}`);
  await finishLabel(line, serial, printer);
}

/** Does what the nest asks for until it has no label: scans it where it was printed, and otherwise has it printed again. */
export async function finishLabel(
  { page }: Line,
  serial: string,
  printer: ZplPrinter | undefined,
): Promise<void> {
  for (;;) {
    await page.until("the label is printed, or the nest is free", ({ nests: [nest] }) => {
      if (nest === undefined || nest.state === "busy" || nest.state === "starting") return false;
      return nest.state !== "label" || nest.stage === "scan" || nest.stage === "doubtful";
    });
    const [nest] = page.view.nests;
    if (nest?.state !== "label") return;
    const isThere = printer?.jobs.some((job) => job.includes(serial)) === true;
    if (isThere) {
      await page.tell("scan", { text: serial });
      await page.nestIn(NEST, "pass", "present", "empty");
      return;
    }
    await page.tell("ask-label", { nest: NEST });
    await page.tell("scan", { text: "FL-WHY-MISSING" });
    await until("it is printed again", () =>
      printer?.jobs.some((job) => job.includes(serial)) === true ? true : undefined,
    );
  }
}

/**
 * Runs an agent that is killed at the point, with `work` done at its page. Undefined where all was done and it was not killed; it has ended
 * then. Rejects where `work` fails while the agent lives.
 */
export async function runUntilKilled(
  line: Line,
  point: KillPoint,
  work: () => Promise<void>,
): Promise<Death | undefined> {
  const log = join(line.dataDir, "../trace");
  try {
    await line.startAgent(tracedBy(log, point));
    await work();
    await line.endAgent();
  } catch (error) {
    const { child } = line.agent;
    const wasKilled = () => child.signalCode === "SIGKILL";
    // The page may be gone before its process is.
    if (!wasKilled()) await Promise.race([once(child, "close"), pause(2_000)]);
    if (!wasKilled()) throw new RangeError(line.agent.output().slice(-2_000), { cause: error });
  }
  if (line.agent.child.signalCode !== "SIGKILL") return undefined;
  await until("strace has written all", async () =>
    (await readFile(log, "utf8")).includes("+++ killed by SIGKILL +++") ? true : undefined,
  );
  const calls = await callsBelow(line.dataDir, log);
  const { call = "", path = "" } = calls.at(-1) ?? {};
  const before = calls.slice(0, -1).findLast((one) => one.path === path);
  const isJournal = path === journalOf(line) && call === "fsync";
  const below = path.slice(line.dataDir.length);
  return { call, path: below, mayLoseLine: isJournal && before?.call === "write" };
}

/** What is waited for does not come any more. @throws RangeError */
export function expectAlive({ agent }: Line): void {
  if (agent.child.signalCode !== null) throw new RangeError("the agent was killed");
}

/** Unfinished files are removed when they are old. */
export async function expectNothingLeft(line: Line): Promise<void> {
  const { dataDir } = line;
  const unfinished = async () => {
    const files = await readdir(dataDir, { recursive: true });
    return files.filter((name) => name.endsWith(".new"));
  };
  const yesterday = new Date(Date.now() - 24 * 3_600_000);
  for (const name of await unfinished()) await utimes(join(dataDir, name), yesterday, yesterday);
  await line.startAgent();
  await line.endAgent();
  expect(await unfinished()).toEqual([]);
}

export const losePowerOf = (line: Line): Promise<void> => loseLastLine(journalOf(line));

const journalOf = ({ dataDir }: Line): string => join(dataDir, "journal.jsonl");
