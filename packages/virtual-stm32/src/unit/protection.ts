import type { Protection } from "../bootloader/memory-access.ts";
import type { AddressSpace } from "../flash/memory.ts";
import type { FamilyName, Part } from "../parts/index.ts";

/** Where the RDP byte stands in the option bytes as the bootloader shows them; not checked for every family. */
const RDP_OFFSET: Partial<Record<FamilyName, number>> = { F2: 1, F4: 1, F7: 1, H7: 1, H7A3: 1 };

/** Level 1 is every byte that is neither the key of level 0 (F1: 0xA5) nor of level 2. */
const LEVEL_1 = 0x00;
const LEVEL_2 = 0xcc;
const LEVEL_0 = 0xaa;
const LEVEL_0_F1 = 0xa5;

/** Sets the RDP byte, and its complement on the families whose option bytes carry one. */
export function protect(part: Part, space: AddressSpace, level: Protection): void {
  const options = space.options();
  if (!options) return;
  const open = part.family === "F1" ? LEVEL_0_F1 : LEVEL_0;
  const value = [open, LEVEL_1, LEVEL_2][level] ?? LEVEL_1;
  const offset = RDP_OFFSET[part.family] ?? 0;
  options[offset] = value;
  if (part.family === "F0" || part.family === "F1" || part.family === "F3") {
    options[offset + 1] = value ^ 0xff;
  }
  if (part.family === "L0" || part.family === "L1") options[offset + 2] = value ^ 0xff;
}

/** The level that the RDP byte asks for; undefined where the part shows no option bytes. */
export function levelIn(part: Part, space: AddressSpace): Protection | undefined {
  const value = space.options()?.[RDP_OFFSET[part.family] ?? 0];
  if (value === undefined) return undefined;
  if (value === (part.family === "F1" ? LEVEL_0_F1 : LEVEL_0)) return 0;
  return value === LEVEL_2 ? 2 : 1;
}
