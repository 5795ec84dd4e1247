import { fields, mapped, type OptionSchema } from "../schema.ts";

const OPTR =
  "RDP@0+8 BOR_LEV@8+3 nRST_STOP@12 nRST_STDBY@13 nRST_SHDW@14 SRAM1345_RST@15 IWDG_SW@16 IWDG_STOP@17 IWDG_STDBY@18 WWDG_SW@19 BKPSRAM_ECC@22 SRAM3_ECC@23 SRAM2_ECC@24 SRAM2_RST@25 PA15_PUPEN@28 IO_VDD_HSLV@29 IO_VDDIO2_HSLV@30";

/** The first of the flash controller's option registers. Write protection can be locked for ever here (OpenOCD F_WRP_HAS_LOCK). */
export const U5_OPTIONS: OptionSchema = {
  name: "U5",
  family: "U5",
  zones: [0x4002_2040],
  registers: [mapped("OPTR", 0)],
  fields: [
    ...fields("OPTR", OPTR),
    ...fields("OPTR", "SWAP_BANK@20 DUALBANK@21", "bank-swap"),
    ...fields("OPTR", "nSWBOOT0@26 nBOOT0@27", "boot-selection"),
    ...fields("OPTR", "TZEN@31", "tzen"),
  ],
  rdp: { open: 0xaa, half: 0x55, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  readOnly: true,
  source:
    "bits: stm32-data flash_u5.yaml; FLASH_OPTR at offset 0x40, RDP levels and DUALBANK: OpenOCD stm32l4x.c; writing: unchecked",
};
