import { flashUnit, parseImage } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  type Fault,
  parseFault,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { MachineError } from "../../vm/harness/cache.ts";
import { firmware } from "../../vm/harness/images.ts";
import { median } from "../figures.ts";

/** Parts by name, with the KiB of their image. */
export const UNITS = [
  ["f072", 31],
  ["l072", 31],
  ["g0b1", 384],
  ["f407", 384],
  ["h743", 384],
] as const;

/** A link as a table names it, and the fault that makes it, given the bytes of the image. */
export interface Link {
  readonly name: string;
  readonly fault: (bytes: number) => string | undefined;
}

const RATES = [0.01, 0.05, 0.2] as const;
const often = (name: string, fault: (rate: number) => string): readonly Link[] =>
  RATES.map((rate) => ({ name: `${rate * 100} % ${name}`, fault: () => fault(rate) }));

export const LINKS: readonly Link[] = [
  { name: "sound", fault: () => undefined },
  ...often("wedges", (rate) => `busy-wedge=reset@${rate},over=256,silent`),
  ...often("stalls", (rate) => `stall=${rate}`),
  ...often("lost data stages", (rate) => `lost-data=${rate}`),
  ...often("lost status stages", (rate) => `lost-status=${rate}`),
  { name: "one re-plug", fault: (bytes) => `unplug=${bytes / 2}@1500` },
];

/** All runs of one unit over one link. */
export interface LinkFigure {
  readonly unit: string;
  readonly kib: number;
  readonly link: string;
  readonly runs: number;
  readonly passed: number;
  /** First to last control transfer, on the unit's clock, of passed and failed runs alike. */
  readonly medianMs: number;
  readonly longestMs: number;
  /** Median. */
  readonly transfers: number;
  /** The profile at the end, with how many runs ended there, the most frequent first. */
  readonly profiles: readonly (readonly [name: string, runs: number])[];
}

interface Flashed {
  readonly passed: boolean;
  readonly ms: number;
  readonly transfers: number;
  readonly profile: string;
}

/** The same units, links and number of runs give the same figures. */
export async function measureLink(
  [unit, kib]: (typeof UNITS)[number],
  link: Link,
  runs: number,
): Promise<LinkFigure> {
  const bytes = kib * 1024;
  const text = link.fault(bytes);
  const faults = text === undefined ? [] : [parseFault(text).fault];
  const seeds = Array.from({ length: runs }, (_, run) => run + 1);
  const all: Flashed[] = [];
  for (const seed of seeds) all.push(await flashOver(unit, bytes, faults, seed));
  const count = (name: string) => all.filter(({ profile }) => profile === name).length;
  const profiles = [...new Set(all.map(({ profile }) => profile))]
    .map((name) => [name, count(name)] as const)
    .toSorted(([, a], [, b]) => b - a);
  return {
    unit,
    kib,
    link: link.name,
    runs,
    profiles,
    passed: all.filter(({ passed }) => passed).length,
    medianMs: median(all.map(({ ms }) => ms)),
    longestMs: Math.max(...all.map(({ ms }) => ms)),
    transfers: median(all.map(({ transfers }) => transfers)),
  };
}

/** @throws MachineError when a PASS left wrong content */
async function flashOver(
  chip: string,
  bytes: number,
  faults: readonly Fault[],
  seed: number,
): Promise<Flashed> {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({
    part: partByName(chip),
    clock,
    timing: "typical",
    faults,
    seed,
  });
  const { base } = unit.flash;
  unit.flash.load(base, firmware(bytes, 2));
  const content = firmware(bytes, 1);
  const image = parseImage(content, { address: base, format: "raw" });
  const transport = attachInProcess(unit, clock);
  const report = await flashUnit({ transport, clock, image });
  const passed = report.outcome === "PASS";
  if (passed && Buffer.compare(unit.flash.snapshot().subarray(0, bytes), content) !== 0) {
    throw new MachineError(`${chip}, seed ${seed}: PASS over wrong content`);
  }
  const { ms, transfers, profile } = report;
  return { passed, ms, transfers, profile };
}
