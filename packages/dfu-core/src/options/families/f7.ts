import { fields, type OptionRegister, type OptionSchema } from "../schema.ts";

const half = (name: string, offset: number): OptionRegister => ({
  name,
  zone: 0,
  offset,
  bytes: 2,
  complement: "none",
});

/** FLASH_OPTCR in two halves, eight bytes apart as on F4, and the boot addresses. nDBANK and nDBOOT are of F76x and F77x alone. */
export const F7_OPTIONS: OptionSchema = {
  name: "F7",
  family: "F7",
  zones: [0x1fff_0000],
  registers: [half("USER", 0), half("WRP", 8), half("BOOT0", 0x10), half("BOOT1", 0x18)],
  fields: [
    ...fields("USER", "BOR_LEV@2+2 WWDG_SW@4 IWDG_SW@5 nRST_STOP@6 nRST_STDBY@7 RDP@8+8"),
    ...fields("WRP", "nWRP@0+12", "write-protection"),
    ...fields("WRP", "nDBOOT@12", "boot-selection"),
    ...fields("WRP", "nDBANK@13", "bank-swap"),
    ...fields("WRP", "IWDG_STDBY@14 IWDG_STOP@15"),
    ...fields("BOOT0", "BOOT_ADD0@0+16", "boot-selection"),
    ...fields("BOOT1", "BOOT_ADD1@0+16", "boot-selection"),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: false,
  // With two banks a bit is for two sectors (OpenOCD stm32f2x.c).
  writeProtection: { kind: "sectors", fields: [["nWRP"]], singleBankOnly: true, sure: false },
  readOnly: true,
  source:
    "bits: stm32-data flash_f7.yaml, OpenOCD stm32f2x.c (OPTCR_NDBANK); boot addresses at 0x1FFF0010 and 0x1FFF0018: ST community thread 124907; nDBANK as bit 13 at 0x1FFF0008: a published program; complements and writing: unchecked",
};
