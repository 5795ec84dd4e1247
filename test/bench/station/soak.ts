// npm run soak:station [-- --units N] [--seconds N] [--nests N]
// One agent brings thousands of virtual units through at a real server; erasing takes no time, so that the agent works and does not wait. Exit code 1
// where memory, open files or the journal grow with the units, or where a unit did not pass.
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { allPresent, type Line, prepareLine } from "../../e2e/support/line.ts";
import { addPlant, addRelease, firmware } from "../../e2e/support/plant.ts";
import { type Rig, startRig } from "../../e2e/support/rig.ts";
import { median } from "../figures.ts";
import { work } from "./hands.ts";
import { descriptorsOf, usageOf } from "./usage.ts";

/** Units of a shift and a half at sixteen nests. */
const UNITS = 10_000;
const SECONDS = 840;
/** A machine that brings fewer through in that time has shown nothing. */
const LEAST = 1_000;
const NESTS = 16;
const VERSION = "1.0.0";
const IMAGE = firmware(4096, 1);
const HELD = firmware(4096, 2);
/** More units a second than chips can take. With more, the server's limit of 3,000 requests a minute of one station would be met. */
const MOST_A_SECOND = 7;
/** Units between two looks. */
const EVERY = 100;
/** Share of the units in which caches fill and the compiler works. */
const WARM = 0.2;
/** Of the units after that: the first part is compared with the last. */
const PART = 0.2;

/** What may be more at the end than after the warm-up. */
const MOST = {
  /** The agent keeps a few hundred bytes of each unit of the last day and a half, for its counters. */
  mib: 16,
  descriptors: 8,
  /** Processor time of a unit, as a factor: it must not depend on how many there were. */
  cpu: 1.5,
  /** Bytes of the journal for each unit: a summary, and up to 500 whole attempts. */
  journal: 400,
  journalWhole: 1_600_000,
} as const;

interface Look {
  readonly units: number;
  readonly agentMib: number;
  readonly serverMib: number;
  readonly descriptors: number;
  /** Of the agent so far, milliseconds. */
  readonly cpuMs: number;
  readonly journal: number;
}

function look(rig: Rig, line: Line, units: number): Look {
  const pid = line.agent.child.pid ?? 0;
  const { cpuMs, mib } = usageOf(pid);
  return {
    units,
    cpuMs,
    agentMib: mib,
    serverMib: usageOf(rig.serverPid()).mib,
    descriptors: descriptorsOf(pid),
    journal: statSync(join(line.dataDir, "journal.jsonl")).size,
  };
}

async function soak(units: number, seconds: number, nests: number): Promise<readonly Look[]> {
  const rig = await startRig();
  const looks: Look[] = [];
  try {
    await addPlant(rig);
    await addRelease(rig, VERSION, 1, IMAGE);
    const line = await prepareLine(rig, {
      name: "SOAK",
      version: VERSION,
      nests,
      speed: 20,
      timing: "none",
      // What is garbage is collected, and what is kept shows.
      environment: { NODE_OPTIONS: "--max-old-space-size=96", FLASHLINE_LOG_LEVEL: "warn" },
    });
    try {
      await line.startAgent();
      await allPresent(line);
      const began = performance.now();
      let [begun, done] = [0, 0];
      let next = began;
      const nextSerial = async () => {
        begun += 1;
        const serial = `MC2-${String(begun).padStart(6, "0")}`;
        next = Math.max(next + 1000 / MOST_A_SECOND, performance.now());
        await pause(next - performance.now());
        return serial;
      };
      const isOver = () => begun >= units || performance.now() - began > seconds * 1000;
      await work(line, nextSerial, isOver, { held: HELD, released: IMAGE }, () => {
        done += 1;
        if (done % EVERY > 0) return;
        looks.push(look(rig, line, done));
        if (done % (10 * EVERY) === 0) say(lineOf(looks));
      });
      await line.page.until("the server has all", (view) => view.queuedResults === 0);
      const { body: order } = await rig.api("workOrder", { params: { id: line.order } });
      if (order.passed !== done || order.used !== done) {
        throw new RangeError(`${done} passed here, the server has ${order.passed}`);
      }
      say(lineOf(looks));
      say(`${done} units in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    } catch (error) {
      say(line.agent.output().slice(-4_000));
      throw error;
    } finally {
      await line.close();
    }
  } finally {
    await rig.close();
  }
  return looks;
}

const lineOf = (looks: readonly Look[]): string => {
  const [now, before] = [looks.at(-1), looks.at(-11)];
  if (now === undefined) return "";
  const units = now.units - (before?.units ?? 0);
  const cpu = (now.cpuMs - (before?.cpuMs ?? 0)) / units;
  const mib = [now.agentMib, now.serverMib].map((each) => each.toFixed(0));
  return `${now.units} units: agent ${mib[0]} MiB, ${now.descriptors} files, ${cpu.toFixed(0)} ms a unit; server ${mib[1]} MiB; journal ${now.journal} bytes`;
};

function grown(looks: readonly Look[]): readonly string[] {
  const warm = looks.slice(Math.floor(looks.length * WARM));
  const part = Math.max(2, Math.floor(warm.length * PART));
  const [early, late] = [warm.slice(0, part), warm.slice(-part)];
  const [last] = late.slice(-1);
  if (last === undefined || last.units < LEAST) return [`only ${last?.units ?? 0} units: too few`];
  const middle = (of: readonly Look[], value: (one: Look) => number) => median(of.map(value));
  const more = (value: (one: Look) => number) => middle(late, value) - middle(early, value);
  const cpuOf = (of: readonly Look[]) => {
    const [first, end] = [of[0], of.at(-1)];
    if (first === undefined || end === undefined) return Number.NaN;
    return (end.cpuMs - first.cpuMs) / (end.units - first.units);
  };
  const mib = more(({ agentMib }) => agentMib);
  const descriptors = more((one) => one.descriptors);
  const cpu = cpuOf(late) / cpuOf(early);
  const journal = MOST.journal * last.units + MOST.journalWhole;
  say(
    `after the warm-up: ${mib.toFixed(1)} MiB more, ${descriptors} open files more, ${cpu.toFixed(2)} of the processor time a unit`,
  );
  return [
    ...(mib <= MOST.mib ? [] : [`the agent grew by ${mib.toFixed(1)} MiB`]),
    ...(descriptors <= MOST.descriptors ? [] : [`${descriptors} more open files`]),
    ...(cpu <= MOST.cpu ? [] : [`a unit takes ${cpu.toFixed(2)} of the processor time`]),
    ...(last.journal <= journal ? [] : [`the journal has ${last.journal} bytes`]),
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const { values } = parseArgs({
  options: {
    units: { type: "string", default: String(UNITS) },
    seconds: { type: "string", default: String(SECONDS) },
    nests: { type: "string", default: String(NESTS) },
  },
});
const looks = await soak(Number(values.units), Number(values.seconds), Number(values.nests));
const problems = grown(looks);
for (const problem of problems) say(`grown: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
