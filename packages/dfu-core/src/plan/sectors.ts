import type { Sector } from "../layout/memory.ts";

export interface FlashSector extends Sector {
  readonly alternate: number;
  /** True where images go in the way of flash: erasable, writable and readable memory that is neither option bytes nor OTP. */
  readonly flashable: boolean;
  /** Data EEPROM: readable and writable, and never erased. Images go there where the unit's family has rules for it. */
  readonly eeprom: boolean;
  /** Other alternates that have another memory at some of these addresses, so that an address alone is ambiguous. */
  readonly rivals?: readonly number[];
}

/** Index of the last sector that begins at `address` or before it, by bisection; -1 when no sector does. */
export function lastFrom(sectors: readonly FlashSector[], address: number): number {
  let low = 0;
  let high = sectors.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sectors[middle]?.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The sector that contains `address`, of sectors in the order of their addresses. */
export function sectorAt(
  sectors: readonly FlashSector[],
  address: number,
): FlashSector | undefined {
  const found = sectors[lastFrom(sectors, address)];
  return found !== undefined && address < found.address + found.size ? found : undefined;
}
