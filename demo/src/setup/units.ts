import type { FirmwareFile } from "./release.ts";

/** One product on its way through the shift, with what is wrong with it, which stays with it wherever it is plugged in. */
export interface DemoUnit {
  readonly serial: string;
  readonly batch: string;
  /** Faults of `flashline sim`, without a slot. */
  readonly faults: readonly string[];
  /** What must come of it at a healthy station. */
  readonly expected: "pass" | "recovered" | "fail";
}

const serialOf = (index: number): string => `CA-${String(100_001 + index)}`;

/** A flash bit that stays 0 whatever is written: found by reading back, and by nothing else. */
const stuckBit = (firmware: FirmwareFile): string =>
  `stuck=0x${firmware.middle.toString(16).padStart(8, "0")}/1`;

/** Faults of the link that a good engine recovers from, one unit each. */
const PASSING_TROUBLE: readonly (readonly string[])[] = [
  ["stall=4"],
  ["lost-ack=3"],
  ["lost-setup=12"],
  ["stall=7", "lost-status=20"],
];

/** Two batches; exactly one unit fails, and every fourth passes only after recovery. */
export function scriptedUnits(count: number, firmware: FirmwareFile): readonly DemoUnit[] {
  return Array.from({ length: count }, (_, index) => {
    const common = { serial: serialOf(index), batch: index < count / 2 ? "2631-A" : "2631-B" };
    if (index === 1) return { ...common, faults: [stuckBit(firmware)], expected: "fail" };
    const trouble =
      index % 4 === 0 ? PASSING_TROUBLE[(index / 4) % PASSING_TROUBLE.length] : undefined;
    return trouble === undefined
      ? { ...common, faults: [], expected: "pass" }
      : { ...common, faults: trouble, expected: "recovered" };
  });
}

/** Units that are left when the shift is over, for whoever watches it. */
export const leftUnits = (): readonly DemoUnit[] =>
  ["CA-200001", "CA-200002", "CA-200003"].map((serial) => ({
    serial,
    batch: "2632-B",
    faults: [],
    expected: "pass",
  }));

/** One unit in so many stalls once, wherever it is flashed: without any trouble nobody can tell a healthy host from a bad one. */
const STALLS = 12;

/** Units as good as units are, in two batches. */
export const plainUnits = (count: number): readonly DemoUnit[] =>
  Array.from({ length: count }, (_, index) => {
    const common = { serial: serialOf(index), batch: index < count / 2 ? "2631-A" : "2631-B" };
    return index % STALLS === STALLS - 1
      ? { ...common, faults: ["stall=5"], expected: "recovered" }
      : { ...common, faults: [], expected: "pass" };
  });

/**
 * A shift's supply. One batch has marginal units that stall now and then: they make link incidents at every host alike, and
 * the verdict must not blame a host for them.
 */
export function shiftUnits(
  count: number,
  firmware: FirmwareFile,
  random: () => number,
): readonly DemoUnit[] {
  const batches = ["2631-A", "2631-B", "2632-A"] as const;
  return Array.from({ length: count }, (_, index) => {
    const batch = batches[Math.floor((index * batches.length) / count)] ?? batches[0];
    const common = { serial: serialOf(index), batch };
    const draw = random();
    if (draw < 0.015) return { ...common, faults: [stuckBit(firmware)], expected: "fail" };
    if (draw < 0.022) return { ...common, faults: ["write-protect=4-7"], expected: "fail" };
    if (batch === "2631-B" && draw > 0.88)
      return { ...common, faults: ["stall=5"], expected: "recovered" };
    return { ...common, faults: [], expected: "pass" };
  });
}
