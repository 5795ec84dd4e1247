import type { Image, Segment } from "../image/image.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { sectorAt } from "./geometry.ts";
import { meantSector } from "./overlap.ts";
import type { PlannedEeprom } from "./plan.ts";
import type { FlashSector } from "./sectors.ts";

/** An image by the memories that it goes to. */
export interface ByMemory {
  /** Bytes for data EEPROM. */
  readonly eeprom: readonly PlannedEeprom[];
  /** All other bytes, in order. */
  readonly others: readonly Segment[];
}

/** Throws `usage.argument` where several memories have an address of the EEPROM's part. */
export function byMemory(
  { segments }: Image,
  sectors: readonly FlashSector[],
  descriptors: DeviceDescriptors,
): ByMemory {
  const eeprom: PlannedEeprom[] = [];
  const others: Segment[] = [];
  for (const { address, data } of segments) {
    const end = address + data.length;
    for (let at = address; at < end; ) {
      const sector = sectorAt(sectors, at);
      if (sector?.eeprom === true) {
        const { alternate } = meantSector(sectors, at, descriptors) ?? sector;
        const to = Math.min(end, sector.address + sector.size);
        addRun(eeprom, { address: at, length: to - at, alternate });
        at = to;
      } else {
        const from = at;
        const next = sectors.find((one) => one.eeprom && one.address > from);
        at = Math.min(end, next?.address ?? end);
        others.push({ address: from, data: data.subarray(from - address, at - address) });
      }
    }
  }
  return { eeprom, others };
}

/** Sectors of EEPROM mean nothing to it: what follows in the next one belongs to the same run. */
function addRun(runs: PlannedEeprom[], run: PlannedEeprom): void {
  const last = runs.at(-1);
  if (last?.alternate === run.alternate && last.address + last.length === run.address) {
    runs[runs.length - 1] = { ...last, length: last.length + run.length };
  } else runs.push(run);
}
