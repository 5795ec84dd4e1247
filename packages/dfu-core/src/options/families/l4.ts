import { areas, doubled, fields, type OptionField, type OptionSchema } from "../schema.ts";

const OPTR =
  "RDP@0+8 BOR_LEV@8+3 nRST_STOP@12 nRST_STDBY@13 nRST_SHDW@14 IWDG_SW@16 IWDG_STOP@17 IWDG_STDBY@18 WWDG_SW@19 SRAM2_PE@24 SRAM2_RST@25";
const BOOT = "BFB2@20 nBOOT1@23 nSWBOOT0@26 nBOOT0@27";

const protectedAreas = (bank: 1 | 2): readonly OptionField[] => [
  ...fields(`PCROP${bank}SR`, `PCROP${bank}_STRT@0+16`, "pcrop"),
  ...fields(`PCROP${bank}ER`, `PCROP${bank}_END@0+16`, "pcrop"),
  ...["A", "B"].flatMap((area) =>
    fields(
      `WRP${bank}${area}R`,
      `WRP${bank}${area}_STRT@0+8 WRP${bank}${area}_END@16+8`,
      "write-protection",
    ),
  ),
];
/** With it set the two banks may be swapped. */
const BFB2 = { register: "OPTR", bit: 20 };
const BANK_1 = [
  doubled("OPTR", 0),
  doubled("PCROP1SR", 8),
  doubled("PCROP1ER", 16),
  doubled("WRP1AR", 24),
  doubled("WRP1BR", 32),
];

/** Each word is followed by its complement. The ROM of L47x and L49x shows the first bank's block alone. */
export const L4_OPTIONS: OptionSchema = {
  name: "L4",
  family: "L4",
  zones: [0x1fff_7800],
  registers: BANK_1,
  fields: [
    ...fields("OPTR", OPTR),
    ...fields("OPTR", BOOT, "boot-selection"),
    ...fields("OPTR", "DUALBANK@21", "bank-swap"),
    ...protectedAreas(1),
    ...fields("PCROP1ER", "PCROP_RDP@31", "pcrop"),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  writeProtection: {
    kind: "areas",
    areas: [areas("WRP1A", "WRP1B")],
    unless: [BFB2],
    sure: true,
  },
  source:
    "bits: stm32-rs FLASH_OPTR of L4; addresses, masks and delivery values: blackmagic stm32l4.c; power cycle: as RM0490, unchecked",
};

export const L4R_OPTIONS: OptionSchema = {
  ...L4_OPTIONS,
  name: "L4R",
  zones: [0x1ff0_0000, 0x1ff0_1000],
  registers: [
    ...BANK_1,
    doubled("PCROP2SR", 8, 1),
    doubled("PCROP2ER", 16, 1),
    doubled("WRP2AR", 24, 1),
    doubled("WRP2BR", 32, 1),
  ],
  fields: [
    ...L4_OPTIONS.fields.filter(({ name }) => name !== "DUALBANK"),
    ...fields("OPTR", "DB1M@21 DBANK@22", "bank-swap"),
    ...protectedAreas(2),
  ],
  // The place of the second block is unchecked.
  writeProtection: {
    kind: "areas",
    areas: [areas("WRP1A", "WRP1B"), areas("WRP2A", "WRP2B")],
    unless: [BFB2],
    sure: false,
  },
  source: "as L4; DB1M and DBANK: stm32-rs FLASH_OPTR of L4R; second block unchecked",
};
