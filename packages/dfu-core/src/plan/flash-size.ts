import type { Sector } from "../layout/memory.ts";

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
 * layout, and the largest: L072RB has 128 K and says 192, H7B0 has 128 K and says 2 M (engine rule 11).
 */
export function flashSizeOf(chip: string): number | undefined {
  const size = ORDER_CODE.exec(chip.trim().toUpperCase())?.[1];
  return size === undefined ? undefined : SIZES[size];
}

/** H74x and H7A3 with half of the flash have two short banks, the second where it always is [RM0433, RM0455: unchecked]. */
const BANK_DISTANCE = 1024 * K;

/** Whether a sector exists in a flash of `limit` bytes whose layout shows `shown`. */
export function insideFlash(shown: readonly Sector[], limit: number): (sector: Sector) => boolean {
  const base = shown[0]?.address ?? 0;
  const size = shown.reduce((sum, sector) => sum + sector.size, 0);
  const [first] = shown;
  const gapped =
    size === 2 * BANK_DISTANCE &&
    limit === BANK_DISTANCE &&
    (first?.size === 128 * K || (first?.size === 8 * K && shown.length === 256));
  return ({ address, size: bytes }) => {
    const offset = address - base;
    return gapped ? (offset % BANK_DISTANCE) + bytes <= limit / 2 : offset + bytes <= limit;
  };
}

/** The same memory in pages of `page` bytes: neighbours joined, larger ones cut. */
export function withPages(sectors: readonly Sector[], page: number): readonly Sector[] {
  const pages: Sector[] = [];
  for (const sector of sectors) {
    const last = pages.at(-1);
    if (last !== undefined && last.size < page && last.address + last.size === sector.address) {
      pages[pages.length - 1] = { ...last, size: last.size + sector.size };
      continue;
    }
    const size = Math.min(page, sector.size);
    for (let at = 0; at < sector.size; at += size) {
      pages.push({ ...sector, address: sector.address + at, size });
    }
  }
  return pages;
}
