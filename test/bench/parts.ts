import { flashUnit, type ProfileName, parseImage } from "@flashline/dfu-core";
import type { Clock, DfuTransport } from "@flashline/dfu-core/protocol";
import { createTranscript, recordTransport } from "@flashline/dfu-core/transcript";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { MachineError } from "../vm/harness/cache.ts";
import { firmware } from "../vm/harness/images.ts";
import { sendAsDfuUtil } from "./dfu-util.ts";
import { TRANSFER_MS } from "./replay.ts";
import { type PartState, STATES } from "./subject.ts";

type Most = Readonly<Record<PartState, number>>;
/** A blank part with ECC is erased all the same. */
const SMALL: Most = { used: 1, blank: 1, unchanged: 0.3 };

/** Parts with what `fast` may take of dfu-util's time. */
export const MEASURED_PARTS = [
  { name: "f407", kib: 384, most: { used: 0.95, blank: 0.41, unchanged: 0.02 } },
  { name: "l072", kib: 188, most: SMALL },
  { name: "g0b1", kib: 384, most: SMALL },
  { name: "h743", kib: 384, most: SMALL },
] as const satisfies readonly { name: string; kib: number; most: Most }[];
export type MeasuredPart = (typeof MEASURED_PARTS)[number];

export interface Cost {
  readonly transfers: number;
  /** On the virtual clock, the chip's own times included. */
  readonly ms: number;
  /** Blocks that were read. */
  readonly uploads: number;
}

export interface PartCosts {
  readonly part: MeasuredPart;
  readonly state: PartState;
  readonly dfuUtil: Cost;
  readonly ours: Readonly<Record<"fast" | "standard", Cost>>;
}

/** What one part in one state costs, on a virtual clock. @throws MachineError when the unit does not hold the image at the end */
export async function measurePart(measured: MeasuredPart, state: PartState): Promise<PartCosts> {
  const part = partByName(measured.name);
  const { base } = part.flash;
  const data = firmware(measured.kib * 1024, 1);
  const image = parseImage(data, { address: base, format: "raw" });
  const cost = async (
    host: (transport: DfuTransport, clock: Clock) => Promise<boolean>,
  ): Promise<Cost> => {
    const clock = new VirtualClock();
    const unit = createVirtualUnit({ part, clock, timing: "typical" });
    if (state !== "blank") {
      unit.flash.load(base, state === "used" ? firmware(data.length, 2) : data);
    }
    const transcript = createTranscript();
    const plain = attachInProcess(unit, clock, { transferMs: TRANSFER_MS });
    const isDone = await host(recordTransport(plain, transcript, clock), clock);
    const holds = Buffer.compare(unit.flash.snapshot().subarray(0, data.length), data) === 0;
    if (!isDone || !holds) throw new MachineError(`${measured.name}, ${state} part: not flashed`);
    const { transfers, ms, requests } = transcript.summary;
    return { transfers, ms, uploads: requests["UPLOAD"] ?? 0 };
  };
  const flash = (profile: ProfileName) =>
    cost(async (transport, clock) => {
      const report = await flashUnit({ transport, clock, image, profile });
      return report.outcome === "PASS" && report.incidents.length === 0;
    });
  const dfuUtil = await cost(async (transport, clock) => {
    await sendAsDfuUtil(transport, clock, part, data);
    return true;
  });
  const ours = { fast: await flash("fast"), standard: await flash("standard") };
  return { part: measured, state, dfuUtil, ours };
}

export async function measureParts(): Promise<readonly PartCosts[]> {
  const costs: PartCosts[] = [];
  for (const part of MEASURED_PARTS) {
    for (const state of STATES) costs.push(await measurePart(part, state));
  }
  return costs;
}
