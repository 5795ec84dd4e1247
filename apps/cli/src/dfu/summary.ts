import type { FlashReport } from "@flashline/dfu-core";
import { sizeText } from "../terminal/units.ts";

/** What a flash did, for its closing line: nothing is called written that was not. */
export function flashSummary({ bytes, touched, skippedSectors }: FlashReport): string {
  const size = sizeText(bytes);
  if (!touched) return `${size} verified, nothing to write,`;
  return skippedSectors === 0
    ? `${size} written and verified`
    : `${size} verified, written where they differed,`;
}
