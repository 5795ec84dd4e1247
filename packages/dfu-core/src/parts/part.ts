/** The families that rules exist for, in the order of ST's names. */
export const FAMILY_NAMES = [
  "F0",
  "F1",
  "F2",
  "F3",
  "F4",
  "F7",
  "L0",
  "L1",
  "L4",
  "L5",
  "G0",
  "G4",
  "H7",
  "H7A3",
  "U5",
  "H5",
  "WB",
  "C0",
  "U0",
] as const;
/** A family of STM32 parts, without "STM32". */
export type FamilyName = (typeof FAMILY_NAMES)[number];

/** How long an operation takes, by sector size: the first entry whose `upTo` is not below the size counts. */
export interface SectorTime {
  /** Bytes. */
  readonly upTo: number;
  readonly typicalMs: number;
  readonly maximumMs: number;
}

/** How read protection shows (rule 15, docs/protocol.md). */
export interface ReadProtection {
  /** Offset of the RDP byte from the start of the option-bytes alternate; undefined where it is not known. */
  readonly offset: number | undefined;
  /** The byte that means "not protected". */
  readonly open: number;
  /** False where the option bytes cannot be read under protection either; then the control by Get Commands is the second evidence. */
  readonly readable: boolean;
}

/** Data EEPROM beside the flash: written word by word, without an erase of its own, any number of times. */
export interface EepromRules {
  /** Bytes that are written at once. A write of fewer changes the whole word. */
  readonly word: number;
  readonly erasedValue: 0x00;
  /** Writing one word, microseconds; the maximum is for a word that must be erased for it first. */
  readonly programUs: { readonly typical: number; readonly maximum: number };
  readonly source: string;
}

/** What all parts of a family have in common: the rules of their flash and of their bootloader. */
export interface Family {
  readonly name: FamilyName;
  /** Bytes that are programmed at once; each granule at most once between erases (rule 5, docs/protocol.md). */
  readonly granule: number;
  readonly ecc: boolean;
  readonly erasedValue: 0x00 | 0xff;
  /** What a second program of a granule does without an erase in between. */
  readonly secondProgram: "clears-bits" | "refused" | "corrupts";
  /** Erase of one sector. The typical time is also the least wait before its status is asked (rule 3, docs/protocol.md). */
  readonly erase: readonly SectorTime[];
  /** Programming of one granule, microseconds. */
  readonly programUs: { readonly typical: number; readonly maximum: number };
  /** Least wait after a write; parts whose ROM stalls an early GETSTATUS need one. */
  readonly writeFloorMs: number;
  readonly readProtection: ReadProtection;
  /** Undefined where the family has no data EEPROM. */
  readonly eeprom?: EepromRules;
  /** Where the figures come from; "unchecked" marks those no document was at hand for. */
  readonly source: string;
}

/** One class of parts whose ROM shows the same memory strings. */
export interface Part {
  /** e.g. "STM32F407"; the best known product of the class names it. */
  readonly name: string;
  /** Names that a release may give for this class, without "STM32". */
  readonly aliases: readonly string[];
  readonly family: FamilyName;
  /** Internal flash strings of its ROMs, as published. */
  readonly layouts: readonly string[];
  /**
   * Start of the option-bytes alternate: a second feature to tell classes apart by. `unpublished`: the class has such an
   * alternate, and not where another class with the same layout has it.
   */
  readonly optionBytes: number | "unpublished" | undefined;
  /** Its data EEPROM as the ROM shows it; undefined where there is none. */
  readonly eeprom?: string;
  /** wTransferSize of its ROM: 2048 on "STM32  BOOTLOADER", 1024 on "DFU in FS Mode". */
  readonly transferSize: number;
}
