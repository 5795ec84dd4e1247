import { DfuError, hex32 } from "../errors.ts";
import type { Image, Segment } from "../image/image.ts";
import { DEFAULT_ADDRESS } from "../image/raw.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import { aliasesOf } from "../parts/aliases.ts";
import type { Part } from "../parts/part.ts";

interface Span {
  readonly from: number;
  /** The address after the last byte. */
  readonly end: number;
}

/** All of what layout strings describe; undefined where there is none. */
function spanOf(layouts: readonly string[]): Span | undefined {
  const runs = layouts.flatMap((layout) =>
    parseMemoryLayout(layout).zones.flatMap(({ sectors }) => sectors),
  );
  if (runs.length === 0) return undefined;
  return {
    from: Math.min(...runs.map(({ address }) => address)),
    end: Math.max(...runs.map(({ address, count, size }) => address + count * size)),
  };
}

const isIn = ({ address, data }: Segment, { from, end }: Span): boolean =>
  address >= from && address + data.length <= end;

/**
 * Refuses an image that no unit of the class could take into its flash and its data EEPROM: this is looked at when a release is signed
 * and published, where there is no unit to ask. Throws `image.does_not_fit`; an image at an alias of the flash is named as such.
 */
export function checkInFlash({ segments }: Pick<Image, "segments">, part: Part): void {
  const end = spanOf(part.layouts)?.end;
  const flash = { from: DEFAULT_ADDRESS, end: end ?? Number.POSITIVE_INFINITY };
  const eeprom = part.eeprom === undefined ? undefined : spanOf([part.eeprom]);
  const inEeprom = (segment: Segment) => eeprom !== undefined && isIn(segment, eeprom);
  for (const segment of segments) {
    if (isIn(segment, flash) || inEeprom(segment)) continue;
    const { address, data } = segment;
    const to = address + data.length;
    const alias = aliasesOf(part.family).find(
      (one) =>
        address >= one.address && (end === undefined || to - one.address <= end - DEFAULT_ADDRESS),
    );
    const linked =
      alias === undefined || address >= DEFAULT_ADDRESS
        ? ""
        : `. It is at the flash's ${alias.name}: a release needs it at the flash's own address, from ${hex32(DEFAULT_ADDRESS)}`;
    const also =
      eeprom === undefined
        ? ""
        : `, its data EEPROM ${hex32(eeprom.from)} to ${hex32(eeprom.end - 1)}`;
    throw new DfuError(
      "image.does_not_fit",
      `the file covers ${hex32(address)} to ${hex32(to - 1)}; the flash of ${part.name} is ${hex32(DEFAULT_ADDRESS)} to ${end === undefined ? "its end" : hex32(end - 1)} at most${also}${linked}`,
      { address },
    );
  }
}
