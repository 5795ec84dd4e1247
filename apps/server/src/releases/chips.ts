import { PARTS, type Part } from "@flashline/dfu-core/parts";

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
