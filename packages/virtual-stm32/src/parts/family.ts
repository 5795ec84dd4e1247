/**
 * What a second program of a granule does. `and`: bits 1→0 (F2, F4, F7). `half-word`: error unless erased, or the new value is
 * 0x0000 (F0, F1, F3). `or`: bits 0→1 (L1). `refuse`: error, content stays (L0, and ECC families that check, RM0440 PROGERR).
 * `corrupt`: the ECC no longer matches and the granule cannot be read (H7). `replace`: the granule is erased first where it must be
 * (data EEPROM: RM0367, RM0038).
 */
export const SecondProgram = {
  And: "and",
  HalfWord: "half-word",
  Or: "or",
  Refuse: "refuse",
  Corrupt: "corrupt",
  Replace: "replace",
} as const;
export type SecondProgram = (typeof SecondProgram)[keyof typeof SecondProgram];

/** Milliseconds of one operation: datasheet typical and maximum. */
export interface Duration {
  readonly typical: number;
  readonly maximum: number;
}

/**
 * How the flash and the bootloader of a family behave. Written from ST's documents, not from the engine's table (dfu-core,
 * parts/families.ts), whose times are for waiting, and the longest where voltages differ; these are of a unit at 3.3 V.
 */
export interface FamilyRules {
  readonly name: FamilyName;
  /** Bytes that the flash programs at once. */
  readonly granule: number;
  readonly erasedValue: 0x00 | 0xff;
  readonly ecc: boolean;
  readonly secondProgram: SecondProgram;
  /** One sector of this many bytes. */
  erase(size: number): Duration;
  /** A mass erase takes as long as one page (true of page flash with a hardware mass erase), or as its sectors one after the other. */
  readonly massErase: "as one page" | "by sector";
  /** Programming `programUnit` bytes. */
  readonly programUnit: number;
  readonly program: Duration;
  readonly timingSource: string;
}

type Table = readonly (readonly [size: number, typical: number, maximum: number])[];

/** The first row that is at least as large as the sector; sizes in KiB would hide the small pages of L0 and L1. */
const byPage =
  (table: Table) =>
  (size: number): Duration => {
    const row = table.find(([limit]) => size <= limit) ?? table[table.length - 1];
    return row ? { typical: row[1], maximum: row[2] } : { typical: 0, maximum: 0 };
  };
const K = 1024;
const ms = (typical: number, maximum: number): Duration => ({ typical, maximum });
const f4Sectors: Table = [
  [16 * K, 250, 500],
  [64 * K, 550, 1100],
  [128 * K, 1000, 2000],
];
const f7Sectors: Table = [
  [32 * K, 250, 500],
  [128 * K, 1000, 2000],
  [256 * K, 2000, 4000],
];
const UNCHECKED = "not checked against the datasheet";

// jscpd:ignore-start: each family stands as its own datasheet has it, also where another one says the same.
const rules = {
  F0: {
    granule: 2,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.HalfWord,
    erase: byPage([[2 * K, 20, 40]]),
    massErase: "as one page",
    programUnit: 2,
    program: ms(0.0535, 0.07),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  F1: {
    granule: 2,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.HalfWord,
    erase: byPage([[2 * K, 20, 40]]),
    massErase: "as one page",
    programUnit: 2,
    program: ms(0.0525, 0.07),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  F3: {
    granule: 2,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.HalfWord,
    erase: byPage([[2 * K, 20, 40]]),
    massErase: "as one page",
    programUnit: 2,
    program: ms(0.0535, 0.07),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  F2: {
    granule: 1,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.And,
    erase: byPage(f4Sectors),
    massErase: "by sector",
    programUnit: 4,
    program: ms(0.016, 0.1),
    timingSource: `taken as F4; ${UNCHECKED}`,
  },
  F4: {
    granule: 1,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.And,
    erase: byPage(f4Sectors),
    massErase: "by sector",
    programUnit: 4,
    program: ms(0.016, 0.1),
    timingSource: "DS8626 table 40, x32: 128K sector and word; 16K and 64K unchecked",
  },
  F7: {
    granule: 1,
    erasedValue: 0xff,
    ecc: false,
    secondProgram: SecondProgram.And,
    erase: byPage(f7Sectors),
    massErase: "by sector",
    programUnit: 4,
    program: ms(0.016, 0.1),
    timingSource: `256K at most 4 s; the rest ${UNCHECKED}`,
  },
  L0: {
    granule: 4,
    erasedValue: 0x00,
    ecc: false,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[128, 3.2, 3.94]]),
    massErase: "by sector",
    programUnit: 64,
    program: ms(3.2, 3.94),
    timingSource: `Zephyr's table; half-page programming ${UNCHECKED}`,
  },
  L1: {
    granule: 4,
    erasedValue: 0x00,
    ecc: false,
    secondProgram: SecondProgram.Or,
    erase: byPage([[256, 3.28, 3.94]]),
    massErase: "by sector",
    programUnit: 128,
    program: ms(3.28, 3.94),
    timingSource: UNCHECKED,
  },
  L4: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[4 * K, 22.02, 24.47]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.08169, 0.09076),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  L5: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[4 * K, 22.02, 24.47]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.08169, 0.09076),
    timingSource: `taken as L4; ${UNCHECKED}`,
  },
  G0: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[2 * K, 22, 40]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.085, 0.125),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  C0: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[2 * K, 22, 40]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.085, 0.125),
    timingSource: `taken as G0; ${UNCHECKED}`,
  },
  G4: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[4 * K, 22.02, 24.47]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.08169, 0.08335),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  WB: {
    granule: 8,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[4 * K, 22.02, 24.5]]),
    massErase: "as one page",
    programUnit: 8,
    program: ms(0.08169, 0.0908),
    timingSource: `page erase maximum as Zephyr's table; the rest ${UNCHECKED}`,
  },
  U5: {
    granule: 16,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[8 * K, 1.5, 3]]),
    massErase: "by sector",
    programUnit: 16,
    program: ms(0.118, 0.2),
    timingSource: UNCHECKED,
  },
  H5: {
    granule: 16,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Refuse,
    erase: byPage([[8 * K, 2, 5]]),
    massErase: "by sector",
    programUnit: 16,
    program: ms(0.1, 0.2),
    timingSource: UNCHECKED,
  },
  H7: {
    granule: 32,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Corrupt,
    erase: byPage([[128 * K, 1000, 2000]]),
    massErase: "by sector",
    programUnit: 32,
    program: ms(0.1, 0.2),
    timingSource: "DS12110 table 43, DS12930 table 64, x64",
  },
  H7A3: {
    granule: 16,
    erasedValue: 0xff,
    ecc: true,
    secondProgram: SecondProgram.Corrupt,
    erase: byPage([[8 * K, 10, 20]]),
    massErase: "by sector",
    programUnit: 16,
    program: ms(0.1, 0.2),
    timingSource: UNCHECKED,
  },
} as const satisfies Record<string, Omit<FamilyRules, "name">>;
// jscpd:ignore-end

/** A family that virtual parts exist for, without "STM32". */
export type FamilyName = keyof typeof rules;
/** Every {@link FamilyName}. */
export const FAMILY_NAMES: readonly FamilyName[] = Object.keys(rules).filter(isFamily);

function isFamily(name: string): name is FamilyName {
  return Object.hasOwn(rules, name);
}

/** The rules of one family. */
export function family(name: FamilyName): FamilyRules {
  return { name, ...rules[name] };
}

/**
 * Data EEPROM of L0 and L1: written by words, each any number of times; 0 after an erase. RM0367 and RM0038, data EEPROM. The maximum is
 * for a word that is erased first; times as the flash's.
 */
export const eepromRules = (name: FamilyName): FamilyRules => ({
  ...family(name),
  granule: 4,
  erasedValue: 0x00,
  ecc: false,
  secondProgram: SecondProgram.Replace,
  programUnit: 4,
  program: ms(3.2, 7.88),
});
