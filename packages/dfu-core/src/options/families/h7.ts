import { fields, type OptionSchema, paired } from "../schema.ts";

const OPTSR =
  "BOR_LEV@2+2 IWDG1_SW@4 nRST_STOP_D1@6 nRST_STBY_D1@7 RDP@8+8 FZ_IWDG_STOP@17 FZ_IWDG_SDBY@18 ST_RAM_SIZE@19+2 IO_HSLV@29";

/**
 * The flash controller's registers from 0x5200201C on: a current value, and behind it the value to be programmed. The second
 * bank's registers, at 0x52002128, are outside of what the ROM shows.
 */
export const H7_OPTIONS: OptionSchema = {
  name: "H7",
  family: "H7",
  zones: [0x5200_201c],
  registers: [
    paired("OPTSR", 0x00),
    paired("PRAR1", 0x0c),
    paired("SCAR1", 0x14),
    paired("WPSN1", 0x1c),
    paired("BOOT", 0x24),
  ],
  fields: [
    ...fields("OPTSR", OPTSR),
    ...fields("OPTSR", "SECURITY@21", "tzen"),
    ...fields("OPTSR", "SWAP_BANK_OPT@31", "bank-swap"),
    ...fields("PRAR1", "PROT_AREA_START1@0+12 PROT_AREA_END1@16+12 DMEP1@31", "pcrop"),
    ...fields("SCAR1", "SEC_AREA_START1@0+12 SEC_AREA_END1@16+12 DMES1@31", "pcrop"),
    ...fields("WPSN1", "WRPSn1@0+8", "write-protection"),
    ...fields("BOOT", "BOOT_ADD0@0+16 BOOT_ADD1@16+16", "boot-selection"),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: false,
  writeProtection: {
    kind: "sectors",
    fields: [["WRPSn1"]],
    unless: [{ register: "OPTSR", bit: 31 }],
    sure: false,
  },
  source:
    "bits: stm32-rs FLASH_OPTSR_CUR of H743 and H753; that the ROM programs the second of each pair: as ST's OpenBootloader for H5 and H7RS, for H743 unchecked",
};
