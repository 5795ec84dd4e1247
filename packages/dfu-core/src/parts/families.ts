import type { EepromRules, Family, FamilyName, ReadProtection, SectorTime } from "./part.ts";

const page = (typicalMs: number, maximumMs: number): readonly SectorTime[] => [
  { upTo: Number.POSITIVE_INFINITY, typicalMs, maximumMs },
];
const K = 1024;
/** Typical: 32 bits at a time, as at 3.3 V. Maximum: 8 bits at a time, as at the lowest voltage (datasheet of F405). */
const F4_ERASE: readonly SectorTime[] = [
  { upTo: 16 * K, typicalMs: 250, maximumMs: 800 },
  { upTo: 64 * K, typicalMs: 550, maximumMs: 2400 },
  { upTo: Number.POSITIVE_INFINITY, typicalMs: 1000, maximumMs: 4000 },
];
/**
 * A protected ROM refuses every UPLOAD with errVENDOR, of option bytes as well, and executes Get Commands and SET_ADDRESS. AN2662
 * says this of F105 and F107 (sections 4.4.1 and 4.5.2). For the other families it is assumed, unchecked.
 */
const rdp = (offset: number | undefined, open = 0xaa): ReadProtection => ({
  offset,
  open,
  readable: false,
});
const base = {
  ecc: false,
  erasedValue: 0xff,
  secondProgram: "clears-bits",
  writeFloorMs: 0,
} as const;
const eccBase = { ...base, ecc: true, secondProgram: "corrupts" } as const;

const EEPROM: EepromRules = {
  word: 4,
  erasedValue: 0x00,
  programUs: { typical: 3200, maximum: 7880 },
  source:
    "word, value after an erase, erase before a write: RM0367 and RM0038, data EEPROM; 3.94 ms at most for an erase or a write of a word: DS10685; L1 unchecked",
};

/** Public drivers that program as much at once, and say what is read after an erase. */
const DOUBLE_WORD =
  "granule, erased value: OpenOCD stm32l4x.c (double-word), embassy-rs stm32-data memory.rs";
const QUAD_WORD =
  "granule, erased value: OpenOCD stm32l4x.c (F_QUAD_WORD_PROG), embassy-rs stm32-data memory.rs";

/**
 * Flash rules by family (rule 5, docs/protocol.md). virtual-stm32 has figures of its own on purpose (parts/family.ts): an error in one
 * table shows against the other. Times differ: these are for waiting, so of several voltages the longest is right; the device's are
 * those of a unit at 3.3 V. Granule, erased value and ECC must be the same.
 */
export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  F0: {
    ...base,
    name: "F0",
    granule: 2,
    secondProgram: "refused",
    erase: page(20, 40),
    programUs: { typical: 53.5, maximum: 60 },
    readProtection: rdp(0),
    source: "erase 40 ms: Zephyr's table; half-word 53.5 us and RDP access unchecked",
  },
  F1: {
    ...base,
    name: "F1",
    granule: 2,
    secondProgram: "refused",
    erase: page(20, 40),
    programUs: { typical: 52.5, maximum: 70 },
    readProtection: rdp(0, 0xa5),
    source: "erase 40 ms: Zephyr's table; half-word time and RDP access unchecked",
  },
  F2: {
    ...base,
    name: "F2",
    granule: 4,
    erase: F4_ERASE,
    programUs: { typical: 16, maximum: 100 },
    readProtection: rdp(1),
    source: "as F4, unchecked",
  },
  F3: {
    ...base,
    name: "F3",
    granule: 2,
    secondProgram: "refused",
    erase: page(20, 40),
    programUs: { typical: 53.5, maximum: 60 },
    readProtection: rdp(0),
    source: "erase 40 ms: Zephyr's table; half-word time and RDP access unchecked",
  },
  F4: {
    ...base,
    name: "F4",
    granule: 4,
    erase: F4_ERASE,
    programUs: { typical: 16, maximum: 100 },
    readProtection: rdp(1),
    source: "DS8626 table 40 (128K erase, word program); 16K and 64K and RDP access unchecked",
  },
  F7: {
    ...base,
    name: "F7",
    granule: 4,
    erase: [
      { upTo: 32 * K, typicalMs: 250, maximumMs: 1200 },
      { upTo: 128 * K, typicalMs: 1000, maximumMs: 2600 },
      { upTo: Number.POSITIVE_INFINITY, typicalMs: 1000, maximumMs: 4000 },
    ],
    programUs: { typical: 16, maximum: 100 },
    readProtection: rdp(1),
    source: "256K at most 4 s; the others and RDP access unchecked",
  },
  L0: {
    ...base,
    name: "L0",
    granule: 4,
    erasedValue: 0x00,
    secondProgram: "refused",
    erase: page(3.2, 4),
    programUs: { typical: 3200, maximum: 4000 },
    readProtection: rdp(0),
    eeprom: EEPROM,
    source:
      "pages, word, erased value 0x00: embassy-rs stm32-data memory.rs; 3.2 ms for 128 B: Zephyr's table; word time and RDP access unchecked",
  },
  L1: {
    ...base,
    name: "L1",
    granule: 4,
    erasedValue: 0x00,
    secondProgram: "refused",
    erase: page(3.3, 4),
    programUs: { typical: 3300, maximum: 4000 },
    readProtection: rdp(0),
    eeprom: EEPROM,
    source:
      "pages, word, erased value 0x00: embassy-rs stm32-data memory.rs; times and RDP access as L0, unchecked",
  },
  L4: {
    ...eccBase,
    name: "L4",
    granule: 8,
    erase: page(25, 30),
    programUs: { typical: 82, maximum: 95 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; 24.47 ms for 2K: Zephyr's table; double-word time and RDP access unchecked`,
  },
  L5: {
    ...eccBase,
    name: "L5",
    granule: 8,
    erase: page(25, 30),
    programUs: { typical: 82, maximum: 95 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; times and RDP access as L4, unchecked`,
  },
  G0: {
    ...eccBase,
    name: "G0",
    granule: 8,
    erase: page(22, 40),
    programUs: { typical: 85, maximum: 125 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; erase 40 ms: Zephyr's table; the others unchecked`,
  },
  G4: {
    ...eccBase,
    name: "G4",
    granule: 8,
    erase: page(22, 25),
    programUs: { typical: 82, maximum: 85 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: "24.47 ms: Zephyr's table; granule from ST's library; the others unchecked",
  },
  H7: {
    ...eccBase,
    name: "H7",
    granule: 32,
    erase: page(1000, 4000),
    programUs: { typical: 100, maximum: 580 },
    readProtection: rdp(1),
    source: "DS12110 table 43 and DS12930 table 64; RDP access unchecked",
  },
  H7A3: {
    ...eccBase,
    name: "H7A3",
    granule: 16,
    erase: page(2, 10),
    programUs: { typical: 100, maximum: 260 },
    readProtection: rdp(1),
    source:
      "granule: OpenOCD stm32h7x.c (16 bytes; stm32-data memory.rs says 32); the others unchecked",
  },
  U5: {
    ...eccBase,
    name: "U5",
    granule: 16,
    erase: page(2, 10),
    programUs: { typical: 118, maximum: 170 },
    readProtection: { ...rdp(0), readable: true },
    source: `${QUAD_WORD}; RDP byte readable at every level: inertial-sense-sdk PR 1186; the others unchecked`,
  },
  H5: {
    ...eccBase,
    name: "H5",
    granule: 16,
    erase: page(2, 10),
    programUs: { typical: 118, maximum: 170 },
    readProtection: rdp(undefined),
    source:
      "granule, erased value, 8 KiB pages: embassy-rs stm32-data memory.rs; PRODUCT_STATE, bits 8 to 15 of FLASH_OPTSR, instead of RDP: its flash_h5.yaml; where a ROM shows it is not published; times unchecked",
  },
  WB: {
    ...eccBase,
    name: "WB",
    granule: 8,
    erase: page(22, 25),
    programUs: { typical: 82, maximum: 95 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; 24.5 ms for 4K: Zephyr's table; the others unchecked`,
  },
  C0: {
    ...eccBase,
    name: "C0",
    granule: 8,
    erase: page(22, 40),
    programUs: { typical: 85, maximum: 125 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; option bytes with complements: RM0490; times as G0, unchecked`,
  },
  U0: {
    ...eccBase,
    name: "U0",
    granule: 8,
    erase: page(22, 40),
    programUs: { typical: 85, maximum: 125 },
    writeFloorMs: 1,
    readProtection: rdp(0),
    source: `${DOUBLE_WORD}; ECC and times as G0, unchecked`,
  },
};

/**
 * What is assumed where no part matches and no family was named: the strictest of everything, so that no rule of any
 * family is broken.
 */
export const UNKNOWN_FAMILY: Family = {
  ...FAMILIES.H7,
  erase: page(25, 4000),
  writeFloorMs: 1,
  readProtection: rdp(undefined),
  source: "strictest of all families",
};

/** Erase times of a sector of `size` bytes. */
export function eraseTime(family: Family, size: number): SectorTime {
  const found = family.erase.find((entry) => size <= entry.upTo);
  return found ?? { upTo: size, typicalMs: 1000, maximumMs: 4000 };
}

/** Time to program `bytes`, milliseconds. */
export const programTime = (
  family: Family,
  bytes: number,
  which: "typical" | "maximum" = "typical",
): number => (Math.ceil(bytes / family.granule) * family.programUs[which]) / 1000;

/** Time to write `bytes` of data EEPROM, milliseconds. */
export const eepromTime = (
  { word, programUs }: EepromRules,
  bytes: number,
  which: "typical" | "maximum" = "typical",
): number => (Math.ceil(bytes / word) * programUs[which]) / 1000;
