import { fields, type OptionRegister, type OptionSchema } from "../schema.ts";

const half = (name: string, offset: number, zone = 0): OptionRegister => ({
  name,
  zone,
  offset,
  bytes: 2,
  complement: "none",
});
const USER = "BOR_LEV@2+2 WDG_SW@5 nRST_STOP@6 nRST_STDBY@7 RDP@8+8";
const RDP_LEVELS = { open: 0xaa, permanent: 0xcc };

/** SPRMOD, where the part has one. With it set the same bits mean PCROP, and 1 protects. F405 and F407 reserve this bit. */
const SPRMOD = { register: "WRP", bit: 15 };

/** Bits 12 to 15 of the protection word mean nothing on F405 and F407 and SPRMOD on later ones; they are left as they are. */
export const F4_OPTIONS: OptionSchema = {
  name: "F4",
  family: "F4",
  zones: [0x1fff_c000],
  registers: [half("USER", 0), half("WRP", 8)],
  fields: [...fields("USER", USER), ...fields("WRP", "nWRP@0+12", "write-protection")],
  rdp: RDP_LEVELS,
  rdpNeedsPowerCycle: false,
  writeProtection: { kind: "sectors", fields: [["nWRP"]], unless: [SPRMOD], sure: true },
  source:
    "bits: stm32-rs FLASH_OPTCR of F4, RM0090 table 15 (0x1FFFC008, bits 15:12 not used); complements are not visible: unchecked",
};

/** Two blocks of option bytes, each with its own reset when written. */
export const F42X_OPTIONS: OptionSchema = {
  ...F4_OPTIONS,
  name: "F42x",
  zones: [0x1fff_c000, 0x1ffe_c000],
  registers: [...F4_OPTIONS.registers, half("WRP2", 8, 1)],
  fields: [
    ...F4_OPTIONS.fields,
    ...fields("USER", "BFB2@4", "boot-selection"),
    ...fields("WRP", "DB1M@14", "bank-swap"),
    ...fields("WRP", "SPRMOD@15", "pcrop"),
    ...fields("WRP2", "nWRP2@0+12", "write-protection"),
  ],
  writeProtection: {
    kind: "sectors",
    fields: [["nWRP"], ["nWRP2"]],
    unless: [SPRMOD, { register: "USER", bit: 4 }],
    sure: true,
  },
  source:
    "as F4; BFB2 and DB1M: stm32-rs FLASH_OPTCR of F42x; sectors 12 to 23 in the second block",
};
