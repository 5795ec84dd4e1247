import type { LayoutSectors, LayoutZone, MemoryLayout } from "../layout/layout.ts";
import type { FlashSector } from "./sectors.ts";

/** One memory of a unit as every command sees it: a zone ends where the next sector does not follow. */
export interface UnitMemory extends MemoryLayout {
  readonly alternate: number;
  /** True where images go in the way of flash. */
  readonly flashable: boolean;
  /** Data EEPROM, which is written without an erase. */
  readonly eeprom: boolean;
}

/** The sectors of one alternate, in order of address, as a layout. */
export function memoryOf(
  alternate: number,
  name: string,
  sectors: readonly FlashSector[],
): UnitMemory {
  const zones: { address: number; sectors: LayoutSectors[] }[] = [];
  for (const { address, size, readable, erasable, writable } of sectors) {
    const zone = zones.at(-1);
    const run = zone?.sectors.at(-1);
    const follows = run !== undefined && run.address + run.count * run.size === address;
    const alike =
      run?.size === size &&
      run.readable === readable &&
      run.erasable === erasable &&
      run.writable === writable;
    if (zone !== undefined && follows && alike) {
      zone.sectors.splice(-1, 1, { ...run, count: run.count + 1 });
      continue;
    }
    const next = { address, count: 1, size, readable, erasable, writable };
    if (zone !== undefined && follows) zone.sectors.push(next);
    else zones.push({ address, sectors: [next] });
  }
  return {
    alternate,
    name,
    zones: zones satisfies LayoutZone[],
    flashable: sectors.some(({ flashable }) => flashable),
    eeprom: sectors.some(({ eeprom }) => eeprom),
  };
}
