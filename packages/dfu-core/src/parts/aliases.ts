import type { FamilyName } from "./part.ts";

/** Where a core sees the flash at a second address. The bootloader takes the flash's own address only. */
export interface FlashAlias {
  /** Its first address; the flash's own is 0x08000000. */
  readonly address: number;
  readonly name: string;
  readonly source: string;
}

const BOOT: FlashAlias = {
  address: 0x0000_0000,
  name: "boot alias",
  source: "reference manuals, Boot configuration: the flash is aliased at 0 when it is booted from",
};

/**
 * By family. Cores with a tightly coupled memory (F7, H7, H7A3) have RAM at 0. L5, U5 and H5 choose their boot address and show the flash a
 * second time for secure code (0x0C000000), which is left out here: an image for that address needs TrustZone.
 */
const ALIASES: Partial<Readonly<Record<FamilyName, readonly FlashAlias[]>>> = {
  ...{ F0: [BOOT], F1: [BOOT], F2: [BOOT], F3: [BOOT], F4: [BOOT], L0: [BOOT], L1: [BOOT] },
  ...{ L4: [BOOT], G0: [BOOT], G4: [BOOT], WB: [BOOT], C0: [BOOT], U0: [BOOT] },
  F7: [
    {
      address: 0x0020_0000,
      name: "ITCM alias",
      source: "FLASHITCM_BASE in ST's device headers of F74x and F76x",
    },
  ],
};

export const aliasesOf = (family: FamilyName): readonly FlashAlias[] => ALIASES[family] ?? [];
