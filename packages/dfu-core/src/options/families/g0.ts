import { areas, doubled, fields, type OptionSchema } from "../schema.ts";

const OPTR =
  "RDP@0+8 BOR_EN@8 BOR_LEVELS@9+4 nRST_STOP@13 nRST_STDBY@14 nRST_SHDW@15 IWDG_SW@16 IWDG_STOP@17 IWDG_STDBY@18 WWDG_SW@19 RAM_PARITY_CHECK@22 NRST_MODE@27+2 IRHEN@29";

/**
 * Each word is followed by its complement. A ROM that shows 40 bytes ends before the second PCROP area and SECR: BOOT_LOCK
 * is then out of reach.
 */
export const G0_OPTIONS: OptionSchema = {
  name: "G0",
  family: "G0",
  zones: [0x1fff_7800],
  registers: [
    doubled("OPTR", 0),
    doubled("PCROP1ASR", 0x08),
    doubled("PCROP1AER", 0x10),
    doubled("WRP1AR", 0x18),
    doubled("WRP1BR", 0x20),
    doubled("PCROP1BSR", 0x28),
    doubled("PCROP1BER", 0x30),
    doubled("SECR", 0x70),
  ],
  fields: [
    ...fields("OPTR", OPTR),
    ...fields("OPTR", "nBOOT_SEL@24 nBOOT1@25 nBOOT0@26", "boot-selection"),
    ...fields("PCROP1ASR", "PCROP1A_STRT@0+9", "pcrop"),
    ...fields("PCROP1AER", "PCROP1A_END@0+9 PCROP_RDP@31", "pcrop"),
    ...fields("WRP1AR", "WRP1A_STRT@0+7 WRP1A_END@16+7", "write-protection"),
    ...fields("WRP1BR", "WRP1B_STRT@0+7 WRP1B_END@16+7", "write-protection"),
    ...fields("PCROP1BSR", "PCROP1B_STRT@0+9", "pcrop"),
    ...fields("PCROP1BER", "PCROP1B_END@0+9", "pcrop"),
    ...fields("SECR", "SEC_SIZE@0+8", "pcrop"),
    ...fields("SECR", "BOOT_LOCK@16", "boot-lock"),
  ],
  rdp: { open: 0xaa, permanent: 0xcc },
  rdpNeedsPowerCycle: true,
  writeProtection: { kind: "areas", areas: [areas("WRP1A", "WRP1B")], sure: true },
  source:
    "addresses: ST's OpenBootloader for G0; complements, mismatch and power cycle: RM0490 table 18 and section 4.5.1 (C0, the same flash); bits: stm32g0xx headers; the two BOR levels as one number, their order is unchecked",
};
