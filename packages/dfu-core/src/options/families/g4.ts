import { areas, doubled, fields, type OptionField, type OptionSchema } from "../schema.ts";

const OPTR =
  "RDP@0+8 BOR_LEV@8+3 nRST_STOP@12 nRST_STDBY@13 nRST_SHDW@14 IWDG_SW@16 IWDG_STOP@17 IWDG_STDBY@18 WWDG_SW@19 SRAM_PE@24 CCMSRAM_RST@25 NRST_MODE@28+2 IRHEN@30";

const protectedAreas = (bank: 1 | 2): readonly OptionField[] => [
  ...fields(`PCROP${bank}SR`, `PCROP${bank}_STRT@0+15`, "pcrop"),
  ...fields(`PCROP${bank}ER`, `PCROP${bank}_END@0+15`, "pcrop"),
  ...["A", "B"].flatMap((area) =>
    fields(
      `WRP${bank}${area}R`,
      `WRP${bank}${area}_STRT@0+7 WRP${bank}${area}_END@16+7`,
      "write-protection",
    ),
  ),
  ...fields(`SEC${bank}R`, `SEC_SIZE${bank}@0+8`, "pcrop"),
];

/** Each word is followed by its complement. G431's ROM shows 40 bytes: BOOT_LOCK, at 0x28, is then out of reach. */
export const G4_OPTIONS: OptionSchema = {
  name: "G4, one bank",
  family: "G4",
  zones: [0x1fff_7800],
  registers: [
    doubled("OPTR", 0),
    doubled("PCROP1SR", 0x08),
    doubled("PCROP1ER", 0x10),
    doubled("WRP1AR", 0x18),
    doubled("WRP1BR", 0x20),
    doubled("SEC1R", 0x28),
  ],
  fields: [
    ...fields("OPTR", OPTR),
    ...fields("OPTR", "nBOOT1@23 nSWBOOT0@26 nBOOT0@27", "boot-selection"),
    ...protectedAreas(1),
    ...fields("PCROP1ER", "PCROP_RDP@31", "pcrop"),
    ...fields("SEC1R", "BOOT_LOCK@16", "boot-lock"),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  writeProtection: { kind: "areas", areas: [areas("WRP1A", "WRP1B")], sure: true },
  source:
    "RM0440 option byte tables; addresses and delivery values: blackmagic stm32l4.c; power cycle: as RM0490, unchecked",
};

export const G47X_OPTIONS: OptionSchema = {
  ...G4_OPTIONS,
  name: "G4, two banks",
  zones: [0x1fff_7800, 0x1fff_f800],
  registers: [
    ...G4_OPTIONS.registers,
    doubled("PCROP2SR", 0x08, 1),
    doubled("PCROP2ER", 0x10, 1),
    doubled("WRP2AR", 0x18, 1),
    doubled("WRP2BR", 0x20, 1),
    doubled("SEC2R", 0x28, 1),
  ],
  fields: [
    ...G4_OPTIONS.fields,
    ...fields("OPTR", "BFB2@20", "boot-selection"),
    ...fields("OPTR", "DBANK@22", "bank-swap"),
    ...protectedAreas(2),
  ],
  writeProtection: {
    kind: "areas",
    areas: [areas("WRP1A", "WRP1B"), areas("WRP2A", "WRP2B")],
    unless: [{ register: "OPTR", bit: 20 }],
    sure: true,
  },
};
