import { usage } from "../errors.ts";
import { F4_F7_PARTS } from "./f4-f7-roms.ts";
import { LIBRARY_PARTS } from "./library.ts";
import { NEW_ROM_PARTS } from "./new-roms.ts";
import { OLD_ROM_PARTS } from "./old-roms.ts";
import type { Part } from "./part.ts";
import { PLAIN_PARTS } from "./plain.ts";

export { definePart, LIBRARY, type PartDefinition, ROM } from "./define.ts";
export {
  type Duration,
  eepromRules,
  FAMILY_NAMES,
  type FamilyName,
  type FamilyRules,
  family,
  SecondProgram,
} from "./family.ts";
export type {
  ExtraMemory,
  Part,
  PlainAreas,
  RomTraits,
  SectorRun,
  UsbIdentity,
} from "./part.ts";

/** What the ROMs of chips do. */
export const PARTS: readonly Part[] = [...F4_F7_PARTS, ...OLD_ROM_PARTS, ...NEW_ROM_PARTS];

/** Products with a bootloader of their own in user flash. */
export const PRODUCTS: readonly Part[] = [...LIBRARY_PARTS, ...PLAIN_PARTS];

/**
 * "f407", "STM32F407" and "F407" name the same part.
 * @throws SimError usage.argument with the known names
 */
export function partByName(name: string): Part {
  const wanted = name.toLowerCase().replace(/^stm32/, "");
  const known = [...PARTS, ...PRODUCTS];
  const part = known.find((candidate) => candidate.name === wanted);
  if (!part) {
    throw usage(`no virtual part "${name}"; known: ${known.map(({ name }) => name).join(", ")}`);
  }
  return part;
}
