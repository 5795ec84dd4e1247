import { fields, mapped, type OptionSchema } from "../schema.ts";

const OPTR =
  "RDP@0+8 BOR_LEV@8+3 nRST_STOP@12 nRST_STDBY@13 nRST_SHDW@14 IWDG_SW@16 IWDG_STOP@17 IWDG_STDBY@18 WWDG_SW@19 SRAM2_PE@24 SRAM2_RST@25 PA15_PUPEN@28";

/** The flash controller's registers; complements are not visible. */
export const L5_OPTIONS: OptionSchema = {
  name: "L5",
  family: "L5",
  zones: [0x4002_2040],
  registers: [
    "OPTR",
    "NSBOOTADD0R",
    "NSBOOTADD1R",
    "SECBOOTADD0R",
    "SECWM1R1",
    "SECWM1R2",
    "WRP1AR",
    "WRP1BR",
    "SECWM2R1",
    "SECWM2R2",
    "WRP2AR",
    "WRP2BR",
  ].map((name, index) => mapped(name, 4 * index)),
  fields: [
    ...fields("OPTR", OPTR),
    ...fields("OPTR", "SWAP_BANK@20 DB256K@21 DBANK@22", "bank-swap"),
    ...fields("OPTR", "nSWBOOT0@26 nBOOT0@27", "boot-selection"),
    ...fields("OPTR", "TZEN@31", "tzen"),
    ...fields("NSBOOTADD0R", "NSBOOTADD0@7+25", "boot-selection"),
    ...fields("NSBOOTADD1R", "NSBOOTADD1@7+25", "boot-selection"),
    ...fields("SECBOOTADD0R", "BOOT_LOCK@0", "boot-lock"),
    ...fields("SECBOOTADD0R", "SECBOOTADD0@7+25", "boot-selection"),
    ...["1", "2"].flatMap((bank) => [
      ...fields(`SECWM${bank}R1`, `SECWM${bank}_PSTRT@0+7 SECWM${bank}_PEND@16+7`, "tzen"),
      ...["A", "B"].flatMap((area) =>
        fields(
          `WRP${bank}${area}R`,
          `WRP${bank}${area}_PSTRT@0+7 WRP${bank}${area}_PEND@16+7`,
          "write-protection",
        ),
      ),
    ]),
  ],
  rdp: { open: 0xaa, half: 0x55, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  writeProtection: {
    kind: "areas",
    areas: ["1", "2"].map((bank) =>
      ["A", "B"].map((area) => [`WRP${bank}${area}_PSTRT`, `WRP${bank}${area}_PEND`] as const),
    ),
    unless: [{ register: "OPTR", bit: 20 }],
    sure: false,
  },
  source:
    "FLASH_OPTR: stm32-data flash_l5.yaml; places of OPTR and of the four WRP registers: OpenOCD stm32l4x.c; TZEN: blackmagic stm32l4.c (RM0438 rev. 7); all else unchecked",
};
