import type { Part } from "./part.ts";

export type BankMode = "single" | "dual";

/** How a class shows whether its flash is one bank or two, and what that does to its pages. */
export interface BankRule {
  /** Offset of the byte from the start of the option-bytes alternate, and its bit. */
  readonly offset: number;
  readonly mask: number;
  /** The mode when the bit is set. */
  readonly whenSet: BankMode;
  /** Bytes a page. */
  readonly pageSize: Readonly<Record<BankMode, number>>;
  readonly source: string;
}

const DBANK = { offset: 2, mask: 0x40, whenSet: "dual" } as const;
const RULES: Readonly<Record<string, BankRule>> = {
  STM32G474: {
    ...DBANK,
    pageSize: { single: 4096, dual: 2048 },
    source: "RM0440, FLASH_OPTR bit 22, unchecked",
  },
  STM32L4R5: {
    ...DBANK,
    pageSize: { single: 8192, dual: 4096 },
    source: "RM0432, FLASH_OPTR bit 22, unchecked",
  },
};

/** Undefined for classes whose pages do not change or whose bit is not known. */
export const bankRuleOf = (part: Part | undefined): BankRule | undefined =>
  part === undefined ? undefined : RULES[part.name];
