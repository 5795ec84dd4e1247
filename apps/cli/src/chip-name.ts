import { bareChipName, FAMILY_NAMES, PARTS, partNamed } from "@flashline/dfu-core";
import { InvalidArgumentError } from "commander";

export const unknownChip = (name: string): string =>
  `No chip class is named ${name}. Known are ${PARTS.map((part) => part.name).join(", ")}.`;

/** Of `--chip` where a unit is compared with it: a class, or a family, "STM32F4". A name that no unit can show is a typing error. */
export function chipName(text: string): string {
  const isFamily = FAMILY_NAMES.some((family) => family === bareChipName(text));
  if (isFamily || partNamed(text) !== undefined) return text;
  throw new InvalidArgumentError(unknownChip(text));
}
