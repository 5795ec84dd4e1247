import type { FamilyName } from "../parts/index.ts";

const NWRP = 8;
const SECTORS_A_BLOCK = 12;
const F0_PAGES_A_BIT = 2;

const clearBits = (bits: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index).filter((index) => ((bits >> index) & 1) === 0);

/**
 * Sectors that the option bytes protect against writing: F4 (a bit a sector, twelve a block) and F0 with 2 KiB pages (a bit
 * for two pages, RM0091 section 3.3); other families' areas have no effect here.
 */
export function writeProtected(
  family: FamilyName,
  blocks: readonly Uint8Array[],
): readonly number[] {
  switch (family) {
    case "F4":
      return blocks.flatMap((block, index) => {
        const bits = (block[NWRP] ?? 0xff) | ((block[NWRP + 1] ?? 0xff) << 8);
        return clearBits(bits, SECTORS_A_BLOCK).map((bit) => index * SECTORS_A_BLOCK + bit);
      });
    case "F0":
      return [0, 1, 2, 3].flatMap((byte) => {
        const bits = blocks[0]?.[NWRP + 2 * byte] ?? 0xff;
        return clearBits(bits, 8).flatMap((bit) => {
          const first = (byte * 8 + bit) * F0_PAGES_A_BIT;
          return [first, first + 1];
        });
      });
    default:
      return [];
  }
}
