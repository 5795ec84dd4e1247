import type { Sector } from "../layout/memory.ts";
import { type BankMode, type BankRule, type BankSectors, decisionAt } from "../parts/banks.ts";

const K = 1024;
/** The size character of ST's order codes: STM32F405R**G**T6. */
const SIZES: Readonly<Record<string, number>> = {
  "4": 16 * K,
  "6": 32 * K,
  "8": 64 * K,
  B: 128 * K,
  Z: 192 * K,
  C: 256 * K,
  D: 384 * K,
  E: 512 * K,
  F: 768 * K,
  G: 1024 * K,
  H: 1536 * K,
  I: 2048 * K,
  J: 4096 * K,
};
/** Series (F405, L4R5, WB55), pin count, size. */
const ORDER_CODE = /^(?:STM32-?)?(?:[A-Z]\d|[A-Z]{2})[0-9A-Z]{2}[A-Z]([0-9A-Z])/;

/**
 * Bytes of flash that the order code of a product promises; undefined for a mere class. ROMs of several sizes show one
 * layout, and the largest: L072RB has 128 K and says 192, H7B0 has 128 K and says 2 M (rule 11, docs/protocol.md).
 */
export function flashSizeOf(chip: string): number | undefined {
  const size = ORDER_CODE.exec(chip.trim().toUpperCase())?.[1];
  return size === undefined ? undefined : SIZES[size];
}

/** A range of the flash, bytes from its start. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The banks of a flash of `kib`. Two short banks may have a gap between them in one mode and none in the other. Where the mode is
 * not named, or sources disagree about the gap, these are only the ranges that are flash in both modes.
 */
export function banksOf(
  rule: BankRule | undefined,
  kib: number,
  named: BankMode | undefined,
): Range[] {
  const decision = rule && decisionAt(rule, kib);
  const mode = typeof decision === "string" ? decision : named;
  const half = (kib / 2) * K;
  const split = rule?.split?.sizes.includes(kib) ? rule.split : undefined;
  const alike = split === undefined && (mode === undefined || rule?.sectors === undefined);
  if (mode === "single" || alike) return [{ from: 0, to: kib * K }];
  const first = { from: 0, to: half };
  if (mode === undefined) return [first];
  if (split === undefined) return [first, { from: half, to: 2 * half }];
  const { second } = split;
  return second === undefined ? [first] : [first, { from: second * K, to: second * K + half }];
}

/**
 * The sectors that a unit has: those of its layout that lie in a flash of `bytes`. A named bank mode may change the sectors; then
 * they are cut anew (rule 11, docs/protocol.md).
 */
export function sectorsOfFlash(
  shown: readonly Sector[],
  bytes: number,
  rule: BankRule | undefined,
  mode: BankMode | undefined,
): readonly Sector[] {
  const base = Math.min(...shown.map(({ address }) => address));
  const banks = banksOf(rule, bytes / K, mode);
  const cut = mode === undefined ? undefined : rule?.sectors?.[mode];
  if (cut === undefined) {
    const [bank, other] = banks;
    const all = shown.reduce((sum, { size }) => sum + size, 0);
    if (other === undefined && bank !== undefined && bank.to >= all) return shown;
    return shown.filter(({ address, size }) =>
      banks.some(({ from, to }) => address - base >= from && address - base + size <= to),
    );
  }
  return banks.flatMap(({ from, to }) =>
    sectorSizes(cut, to - from).flatMap(({ at, size }) => {
      const address = base + from + at;
      const whole = shown.filter((one) => address < one.address + one.size);
      return whole.slice(0, 1).map((one) => ({ ...one, address, size }));
    }),
  );
}

function sectorSizes(cut: BankSectors, bytes: number): { at: number; size: number }[] {
  const sizes = cut.first.flatMap(([count, kib]) => Array.from({ length: count }, () => kib * K));
  const sectors: { at: number; size: number }[] = [];
  for (let at = 0; ; ) {
    const size = sizes[sectors.length] ?? cut.then * K;
    if (at + size > bytes) return sectors;
    sectors.push({ at, size });
    at += size;
  }
}
