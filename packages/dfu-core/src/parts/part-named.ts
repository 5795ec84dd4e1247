import type { Part } from "./part.ts";
import { PARTS } from "./parts.ts";

/** A chip's name as the part table has its beginnings: "stm32-f407vg" → "F407VG". */
export const bareChipName = (name: string): string =>
  name
    .trim()
    .toUpperCase()
    .replace(/^STM32-?/, "");

/** The class of a chip, by any name of it: "STM32F407", "f407", "F407VGT6". Undefined when the part table does not have it. */
export function partNamed(name: string): Part | undefined {
  const wanted = bareChipName(name);
  if (wanted.length < 4) return undefined;
  return PARTS.find((part) => part.aliases.some((alias) => wanted.startsWith(alias)));
}
