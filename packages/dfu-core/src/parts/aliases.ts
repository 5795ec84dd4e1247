import type { FamilyName } from "./part.ts";

/** Where a core sees the flash at a second address. The bootloader takes the flash's own address only. */
export interface FlashAlias {
  /** Its first address; the flash's own is 0x08000000. */
  readonly address: number;
  readonly name: string;
  /** The document, with its section, table or file, that says so. */
  readonly source: string;
}

/** The flash at 0 while the core was started from it. */
const boot = (source: string): readonly FlashAlias[] => [
  { address: 0x0000_0000, name: "boot alias", source },
];
/** ST's low-layer driver of a family, which names the choice of the memory at 0 in SYSCFG: "Main Flash memory mapped at 0x00000000". */
const driver = (family: string): readonly FlashAlias[] =>
  boot(`LL_SYSCFG_REMAP_FLASH in ST's ${family}xx_ll_system.h`);

/**
 * By family. The manuals say under "Boot configuration" that the main flash is aliased in the boot memory space (0x00000000) and still
 * accessible at 0x08000000: RM0091 (F0), RM0008 (F1), RM0316 and RM0364 (F3), RM0090 (F4), RM0440 (G4), RM0490 (C0). For F2, L0, L1, L4, G0, WB and
 * U0 it is held against the headers of ST's drivers, not against the manuals themselves. On G4 with BFB2 set the system memory stays at 0
 * (RM0440, SYSCFG_MEMRMP).
 *
 * Cores with a tightly coupled memory (F7, H7, H7A3) have RAM at 0. L5, U5 and H5 choose their boot address and show the flash a
 * second time for secure code (0x0C000000), which is left out here: an image for that address needs TrustZone.
 */
const ALIASES: Partial<Readonly<Record<FamilyName, readonly FlashAlias[]>>> = {
  F0: boot("RM0091 rev. 10, Boot configuration, page 54"),
  F1: boot("RM0008, section 3.4, Boot configuration"),
  F2: driver("stm32f2"),
  F3: boot("RM0316, section 3.5, and RM0364 rev. 4, section 2.5, Boot configuration"),
  F4: boot("RM0090 rev. 21, section 2.4, tables 3 and 4: up to 1 MB, F42x and F43x up to 2 MB"),
  L0: driver("stm32l0"),
  L1: driver("stm32l1"),
  L4: driver("stm32l4"),
  G0: driver("stm32g0"),
  G4: boot("RM0440, Boot configuration, table 6"),
  WB: driver("stm32wb"),
  C0: boot("RM0490, section 3.1, Boot configuration"),
  U0: driver("stm32u0"),
  F7: [
    {
      address: 0x0020_0000,
      name: "ITCM alias",
      source: "FLASHITCM_BASE in ST's device headers of F74x and F76x",
    },
  ],
};

/** The aliases of a family's flash; none where nothing backs one. */
export const aliasesOf = (family: FamilyName): readonly FlashAlias[] => ALIASES[family] ?? [];
