import { parseMemoryLayout } from "@flashline/dfu-core";
import { PARTS, type Part } from "@flashline/dfu-core/parts";

export const FLASH_START = 0x0800_0000;

/** "stm32f405rgt6" → "F405RGT6", as the engine compares names. */
const bare = (name: string): string =>
  name
    .trim()
    .toUpperCase()
    .replace(/^STM32-?/, "");

/** The class that a chip's name belongs to, or undefined when the part table does not have it. */
export function findPart(chip: string): Part | undefined {
  const name = bare(chip);
  if (name.length < 4) return undefined;
  return PARTS.find((part) => part.aliases.some((alias) => name.startsWith(alias)));
}

/** Flash of the class's largest member, bytes from its start to its end; undefined where the table has no layout. */
export function largestFlash(part: Part): number | undefined {
  const ends = part.layouts.flatMap((layout) =>
    parseMemoryLayout(layout).zones.flatMap((zone) =>
      zone.sectors.map((run) => run.address + run.count * run.size - FLASH_START),
    ),
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}
