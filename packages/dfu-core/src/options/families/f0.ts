import { fields, type OptionRegister, type OptionSchema, type WriteProtection } from "../schema.ts";

const byte = (name: string, offset: number): OptionRegister => ({
  name,
  zone: 0,
  offset,
  bytes: 1,
  complement: "stored",
});
const WRP = ["WRP0", "WRP1", "WRP2", "WRP3"];
/** The last bit protects all from 124 KiB on. */
const WRITE_PROTECTION: WriteProtection = {
  kind: "bytes",
  bytes: 4096,
  fields: WRP,
  sure: true,
};

/** Each option byte is followed by its complement. */
export const F0_OPTIONS: OptionSchema = {
  name: "F0",
  family: "F0",
  zones: [0x1fff_f800],
  registers: [
    byte("RDP", 0),
    byte("USER", 2),
    byte("DATA0", 4),
    byte("DATA1", 6),
    ...WRP.map((name, index) => byte(name, 8 + 2 * index)),
  ],
  fields: [
    ...fields("RDP", "RDP@0+8"),
    ...fields("USER", "WDG_SW@0 nRST_STOP@1 nRST_STDBY@2 VDDA_MONITOR@5 RAM_PARITY_CHECK@6"),
    ...fields("USER", "nBOOT0@3 nBOOT1@4 BOOT_SEL@7", "boot-selection"),
    ...fields("DATA0", "Data0@0+8"),
    ...fields("DATA1", "Data1@0+8"),
    ...WRP.flatMap((name) => fields(name, `${name}@0+8`, "write-protection")),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  writeProtection: WRITE_PROTECTION,
  source:
    "names and bits: stm32-rs FLASH_OBR of F0; byte order RM0091 section 4, unchecked; nBOOT0 and BOOT_SEL only on F04x and F09x; power cycle: RM0360 section 4, options are not loaded after a system reset; a WRP bit a 4 KiB: RM0091 section 4 (as RM0365, two pages of 2 KiB)",
};

/** Only shown, because it tells write protection. Nobody has tried to write it. */
export const F3_OPTIONS: OptionSchema = {
  ...F0_OPTIONS,
  name: "F3",
  family: "F3",
  fields: [
    ...F0_OPTIONS.fields.filter(({ register }) => register !== "USER"),
    ...fields("USER", "WDG_SW@0 nRST_STOP@1 nRST_STDBY@2 VDDA_MONITOR@5 SRAM_PE@6"),
    ...fields("USER", "nBOOT1@4", "boot-selection"),
  ],
  rdpNeedsPowerCycle: false,
  readOnly: true,
  source: "RM0365 and RM0313, option byte tables; two pages of 2 KiB a WRP bit: RM0365",
};

/** As F3. There is no level 2, and the key of the open level is another one. */
export const F1_OPTIONS: OptionSchema = {
  ...F3_OPTIONS,
  name: "F1",
  family: "F1",
  fields: [
    ...F0_OPTIONS.fields.filter(({ register }) => register !== "USER"),
    ...fields("USER", "WDG_SW@0 nRST_STOP@1 nRST_STDBY@2"),
  ],
  rdp: { open: 0xa5 },
  source:
    "PM0075 and ST's HAL for F1 (names, order), unchecked; 4 KiB a WRP bit: OpenOCD stm32f1x.c, two pages of F105 and F107",
};
