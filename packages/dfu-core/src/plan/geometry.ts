import { DfuError } from "../errors.ts";
import { type Sector, sectorsOf } from "../layout/memory.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";

export interface FlashSector extends Sector {
  readonly alternate: number;
  /** True where images may go: erasable, writable and readable memory that is neither option bytes nor OTP. */
  readonly flashable: boolean;
}

/** Memories that are never written by flashing, whatever access they announce (engine rule 4). */
const RESERVED = /option|otp|feature/i;

/**
 * All sectors of all alternates, by address; where alternates repeat one memory (G0B1 and G0C1 ROMs do) the first counts.
 * Throws `device.not_dfu` without alternates, and `device.layout` when no alternate's string can be understood.
 */
export function flashGeometry(
  descriptors: DeviceDescriptors,
  flashSize?: number,
): readonly FlashSector[] {
  if (descriptors.alternates.length === 0 || descriptors.functional === undefined) {
    throw new DfuError(
      "device.not_dfu",
      "the device has no DFU interface with a functional descriptor",
    );
  }
  if (descriptors.alternates.every(({ name }) => name === "")) {
    throw new DfuError(
      "link.enumeration",
      "none of the unit's strings could be read, so nobody knows its memory",
    );
  }
  const byAddress = new Map<number, FlashSector>();
  let refusal: DfuError | undefined;
  let base: number | undefined;
  for (const { alternate, name } of descriptors.alternates) {
    try {
      const layout = parseMemoryLayout(name);
      const reserved = RESERVED.test(layout.name);
      for (const sector of sectorsOf(layout)) {
        const { readable, erasable, writable } = sector;
        if (!reserved) base ??= sector.address;
        const beyond =
          flashSize !== undefined &&
          alternate === 0 &&
          sector.address + sector.size > (base ?? 0) + flashSize;
        if (beyond || byAddress.has(sector.address)) continue;
        const flashable = !reserved && readable && erasable && writable;
        byAddress.set(sector.address, { ...sector, alternate, flashable });
      }
    } catch (error) {
      if (!(error instanceof DfuError)) throw error;
      refusal ??= error;
    }
  }
  if (byAddress.size === 0 && refusal !== undefined) throw refusal;
  return [...byAddress.values()].sort((a, b) => a.address - b.address);
}

/** The sector that contains `address`, by bisection of {@link flashGeometry}'s result. */
export function sectorAt(
  sectors: readonly FlashSector[],
  address: number,
): FlashSector | undefined {
  let low = 0;
  let high = sectors.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sectors[middle]?.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  const found = sectors[low - 1];
  return found !== undefined && address < found.address + found.size ? found : undefined;
}
