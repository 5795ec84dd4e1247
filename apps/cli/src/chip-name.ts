import { FAMILY_NAMES, PARTS, type Part } from "@flashline/dfu-core";
import { InvalidArgumentError } from "commander";

/** "stm32-f407vg" → "F407VG". */
const bare = (name: string): string =>
  name
    .trim()
    .toUpperCase()
    .replace(/^STM32-?/, "");

/** The class of a chip, by any name of it: "STM32F407", "f407", "F407VGT6". */
export function partNamed(name: string): Part | undefined {
  const wanted = bare(name);
  return wanted.length < 4
    ? undefined
    : PARTS.find((part) => part.aliases.some((alias) => wanted.startsWith(alias)));
}

export const unknownChip = (name: string): string =>
  `No chip class is named ${name}. Known are ${PARTS.map((part) => part.name).join(", ")}.`;

/** Of `--chip` where a unit is compared with it: a class, or a family, "STM32F4". A name that no unit can show is a typing error. */
export function chipName(text: string): string {
  const isFamily = FAMILY_NAMES.some((family) => family === bare(text));
  if (isFamily || partNamed(text) !== undefined) return text;
  throw new InvalidArgumentError(unknownChip(text));
}
