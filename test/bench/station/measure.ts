import { flashUnit, parseImage } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { allPresent, type Line, prepareLine } from "../../e2e/support/line.ts";
import { addPlant, addRelease, firmware } from "../../e2e/support/plant.ts";
import { type Rig, startRig } from "../../e2e/support/rig.ts";
import { quantile } from "../server/figures.ts";
import { type UnitTimes, work } from "./hands.ts";
import { type Usage, usageOf } from "./usage.ts";

/** Five sectors of an F407, the last of 64 KiB: long enough that nests overlap, short enough for many starts. */
const IMAGE = firmware(128 * 1024, 1);
const HELD = firmware(128 * 1024, 2);
const IMAGES = { held: HELD, released: IMAGE };
const VERSION = "1.0.0";

/** One number of nests. */
export interface StationFigure {
  readonly nests: number;
  readonly units: number;
  readonly seconds: number;
  /** Medians and the like, milliseconds. */
  readonly passed: number;
  readonly firstRequest: readonly [p50: number, p95: number, most: number];
  /** Processor time of one unit, milliseconds. */
  readonly cpu: { readonly agent: number; readonly server: number; readonly units: number };
  /** At the end, MiB. */
  readonly mib: { readonly agent: number; readonly server: number };
}

/** What erasing and writing take by the waits that the chip announces, with transfers that cost nothing; milliseconds. */
export async function chipsOwnMs(): Promise<number> {
  const part = partByName("f407");
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock, timing: "typical" });
  unit.flash.load(part.flash.base, HELD);
  const image = parseImage(IMAGE, { address: part.flash.base, format: "raw" });
  const transport = attachInProcess(unit, clock);
  const report = await flashUnit({ transport, clock, image, profile: "fast" });
  return report.ms;
}

/** A server, and one station after the other with so many nests, each for so many seconds. */
export async function measureStations(
  counts: readonly number[],
  seconds: number,
  say: (line: string) => void,
): Promise<readonly StationFigure[]> {
  const rig = await startRig();
  const figures: StationFigure[] = [];
  let serials = 0;
  const nextSerial = () => {
    serials += 1;
    return `MC2-${String(serials).padStart(6, "0")}`;
  };
  try {
    await addPlant(rig);
    await addRelease(rig, VERSION, 1, IMAGE);
    for (const nests of counts) {
      const options = { name: `S-${nests}`, version: VERSION, nests } as const;
      const line = await prepareLine(rig, { ...options, speed: 1, timing: "typical" });
      try {
        await line.startAgent();
        await allPresent(line);
        figures.push(await measure(rig, line, nextSerial, seconds));
      } finally {
        await line.close();
      }
      say(`${nests} nests: ${figures.at(-1)?.units} units`);
    }
  } finally {
    await rig.close();
  }
  return figures;
}

async function measure(
  rig: Rig,
  line: Line,
  nextSerial: () => string,
  seconds: number,
): Promise<StationFigure> {
  const { nests } = line;
  // What is compiled and loaded at the first unit is not a unit's cost.
  await work(line, nextSerial, onceOver(nests), IMAGES, () => undefined);
  const times: UnitTimes[] = [];
  const usage = () => ({
    agent: usageOf(line.agent.child.pid ?? 0),
    server: usageOf(rig.serverPid()),
    units: process.cpuUsage(),
  });
  const before = usage();
  const began = performance.now();
  const isOver = () => performance.now() - began > seconds * 1000;
  await work(line, nextSerial, isOver, IMAGES, (unit) => times.push(unit));
  const took = (performance.now() - began) / 1000;
  const after = usage();
  const each = (a: Usage, b: Usage) => (b.cpuMs - a.cpuMs) / times.length;
  const { user, system } = process.cpuUsage(before.units);
  const first = times.map(({ firstRequest }) => firstRequest);
  const passed = times.map((unit) => unit.passed);
  return {
    nests,
    units: times.length,
    seconds: took,
    passed: quantile(passed, 0.5),
    firstRequest: [quantile(first, 0.5), quantile(first, 0.95), Math.max(...first)],
    cpu: {
      agent: each(before.agent, after.agent),
      server: each(before.server, after.server),
      units: (user + system) / 1000 / times.length,
    },
    mib: { agent: after.agent.mib, server: after.server.mib },
  };
}

/** One unit at each nest. */
function onceOver(nests: number): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > nests;
  };
}
