import { DfuError, hex32 } from "../errors.ts";
import { layoutOf } from "../identity/identify.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { type FlashSector, lastFrom, sectorAt } from "./sectors.ts";

/** Adds a memory's sectors. Where they overlap sectors that are there already, those stay and name the new alternate as a rival. */
export function withMemory(
  before: readonly FlashSector[],
  memory: readonly FlashSector[],
): readonly FlashSector[] {
  const rivals = new Map<FlashSector, number>();
  const beside = memory.filter(({ address, size, alternate }) => {
    const over = sectorsIn(before, address, address + size);
    for (const sector of over) rivals.set(sector, alternate);
    return over.length === 0;
  });
  const kept = before.map((sector): FlashSector => {
    const rival = rivals.get(sector);
    return rival === undefined ? sector : { ...sector, rivals: [...(sector.rivals ?? []), rival] };
  });
  return [...kept, ...beside].sort((a, b) => a.address - b.address);
}

/** The sectors that have an address from `from` up to, and not including, `end`. */
function sectorsIn(
  sectors: readonly FlashSector[],
  from: number,
  end: number,
): readonly FlashSector[] {
  const found: FlashSector[] = [];
  for (let index = Math.max(0, lastFrom(sectors, from)); index < sectors.length; index += 1) {
    const sector = sectors[index];
    if (sector === undefined || sector.address >= end) break;
    if (sector.address + sector.size > from) found.push(sector);
  }
  return found;
}

/**
 * The sector that has `address`; undefined where no sector has it. Throws `usage.alternate` where several memories of the unit have
 * it and the options name none of them.
 */
export function meantSector(
  sectors: readonly FlashSector[],
  address: number,
  { alternates }: DeviceDescriptors,
): FlashSector | undefined {
  const sector = sectorAt(sectors, address);
  if (sector?.rivals === undefined) return sector;
  const among = [sector.alternate, ...sector.rivals].map((alternate) => {
    const name = alternates.find((one) => one.alternate === alternate)?.name ?? "";
    return `alternate ${alternate}, ${layoutOf(name)?.name ?? name}`;
  });
  throw new DfuError(
    "usage.alternate",
    `${hex32(address)} is in ${among.length} memories of the unit (${among.join("; ")}), and it was not said which alternate is meant`,
    { address },
  );
}

/** Throws `usage.argument` for an alternate that the unit does not have. */
export function checkHasAlternate(
  { alternates }: DeviceDescriptors,
  wanted: number | undefined,
): void {
  if (wanted === undefined || alternates.some(({ alternate }) => alternate === wanted)) return;
  const has = alternates.map(({ alternate, name }) => `${alternate} (${name.trim()})`).join(", ");
  throw new DfuError("usage.argument", `the unit has no alternate ${wanted}; it has ${has}`);
}
