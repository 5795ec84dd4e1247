import type { Part } from "./part.ts";

/** Whether the flash is used as one bank or as two, on parts that can do both. */
export type BankMode = "single" | "dual";

/** What makes a flash one bank or two: it is always so, or a field of the option tables says it. */
export type BankDecision = BankMode | { readonly option: string; readonly dualWhen: 0 | 1 };

/** Sectors of one bank, KiB each: so many of the first sizes, then the last size to the bank's end. */
export interface BankSectors {
  readonly first: readonly (readonly [count: number, kib: number])[];
  readonly then: number;
}

/** How a class is divided into banks. Sizes are KiB of the whole flash. */
export interface BankRule {
  /** By size, smallest first; the first row that is not below a unit's size counts. Undefined where sources do not tell. */
  readonly decisions: readonly (readonly [upTo: number, decision: BankDecision | undefined])[];
  /** Where the mode changes the sectors. */
  readonly sectors?: Readonly<Record<BankMode, BankSectors>>;
  /** Sizes at which there is a gap between two short banks, and where the second begins; undefined where sources disagree. */
  readonly split?: { readonly sizes: readonly number[]; readonly second: number | undefined };
  readonly source: string;
}

const pages = (then: number): BankSectors => ({ first: [], then });
const sectors = (first: number, then: number): BankSectors => ({
  first: [
    [4, first],
    [1, 4 * first],
  ],
  then,
});
const when = (option: string, dualWhen: 0 | 1 = 1): BankDecision => ({ option, dualWhen });

const SINGLE: BankRule = {
  decisions: [[Number.POSITIVE_INFINITY, "single"]],
  source: "one bank: OpenOCD stm32l4x.c, stm32f2x.c, stm32h7x.c; embassy-rs stm32-data memory.rs",
};

/** By the name of the class. */
const RULES: Readonly<Record<string, BankRule>> = {
  STM32F407: SINGLE,
  STM32F446: SINGLE,
  STM32F413: SINGLE,
  STM32F722: SINGLE,
  STM32F746: SINGLE,
  STM32L433: SINGLE,
  STM32G431: SINGLE,
  STM32G491: SINGLE,
  STM32H723: SINGLE,
  STM32H750: SINGLE,
  STM32WB55: SINGLE,
  STM32U083: SINGLE,
  STM32F429: {
    decisions: [
      [512, "single"],
      [1024, when("DB1M")],
      [2048, "dual"],
    ],
    sectors: { single: sectors(16, 128), dual: sectors(16, 128) },
    source:
      "RM0090 as in OpenOCD stm32f2x.c (DB1M, 4×16, 64, 3×128 twice) and stm32-data memory.rs",
  },
  STM32F767: {
    decisions: [[2048, when("nDBANK", 0)]],
    sectors: { single: sectors(32, 256), dual: sectors(16, 128) },
    // RM0410 puts the second bank of 1 MiB at 0x08080000; ST community m-p/777761 could use 0x08100000 alone.
    split: { sizes: [1024], second: undefined },
    source: "RM0410 as in OpenOCD stm32f2x.c (OPTCR_NDBANK) and stm32-data memory.rs",
  },
  STM32L476: {
    decisions: [
      [512, when("DUALBANK")],
      [1024, "dual"],
    ],
    source: "RM0351 as in OpenOCD stm32l4x.c: 1 MiB is always dual, no gap, pages stay 2 KiB",
  },
  STM32L4R5: {
    decisions: [
      [1024, when("DB1M")],
      [2048, when("DBANK")],
    ],
    sectors: { single: pages(8), dual: pages(4) },
    source: "RM0432 as in OpenOCD stm32l4x.c and stm32-data memory.rs",
  },
  STM32L552: {
    // Of 256 KiB, DB256K tells the banks and DBANK the pages: a bank mode says neither for sure.
    decisions: [
      [256, undefined],
      [512, when("DBANK")],
    ],
    sectors: { single: pages(4), dual: pages(2) },
    source: "RM0438 as in OpenOCD stm32l4x.c and stm32-data memory.rs",
  },
  STM32G474: {
    decisions: [[512, when("DBANK")]],
    sectors: { single: pages(4), dual: pages(2) },
    split: { sizes: [128, 256], second: 256 },
    source: "RM0440 as in OpenOCD stm32l4x.c (dual bank with a gap) and stm32-data memory.rs",
  },
  STM32H743: {
    decisions: [[2048, "dual"]],
    split: { sizes: [1024], second: 1024 },
    source: "RM0433 as in OpenOCD stm32h7x.c (FLASH_BANK1_ADDRESS) and stm32-data memory.rs",
  },
  STM32H7A3: {
    decisions: [
      [128, "single"],
      [2048, "dual"],
    ],
    split: { sizes: [1024], second: 1024 },
    source: "RM0455 as in OpenOCD stm32h7x.c and stm32-data memory.rs",
  },
  STM32U575: {
    decisions: [
      [1024, when("DUALBANK")],
      [2048, "dual"],
    ],
    source:
      "RM0456 rev. 4, 7.3.1 and 7.9.13, as in OpenOCD stm32l4x.c: banks are always contiguous; a 1 MiB ROM shows 128*08Kg (inertial-sense-sdk ISBootloaderDFU.h)",
  },
  STM32U5A5: {
    decisions: [
      [2048, when("DUALBANK")],
      [4096, "dual"],
    ],
    source: "RM0456 rev. 4 as in OpenOCD stm32l4x.c: banks are always contiguous",
  },
  STM32H563: {
    decisions: [[2048, "dual"]],
    source: "stm32-data memory.rs: always two banks, contiguous",
  },
};

/** The rules of the classes that a unit may be of, each once; undefined stands for a class of which nothing is known. */
export const bankRulesOf = (parts: readonly Part[]): readonly (BankRule | undefined)[] => [
  ...new Set(parts.map(({ name }) => RULES[name])),
];

/** Undefined where no source tells for this size. */
export const decisionAt = (rule: BankRule, kib: number): BankDecision | undefined =>
  rule.decisions.find(([upTo]) => kib <= upTo)?.[1];
