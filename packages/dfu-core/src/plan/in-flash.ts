import { DfuError, hex32 } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { DEFAULT_ADDRESS } from "../image/raw.ts";
import { parseMemoryLayout } from "../layout/parse.ts";
import { aliasesOf } from "../parts/aliases.ts";
import type { Part } from "../parts/part.ts";

/** End of the flash of the class's largest member; undefined where the table has no layout. */
function flashEnd({ layouts }: Part): number | undefined {
  const ends = layouts.flatMap((layout) =>
    parseMemoryLayout(layout).zones.flatMap(({ sectors }) =>
      sectors.map(({ address, count, size }) => address + count * size),
    ),
  );
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/**
 * Refuses an image that no unit of the class could take into its flash: this is looked at when a release is signed and published,
 * where there is no unit to ask. Throws `image.does_not_fit`; an image at an alias of the flash is named as such.
 */
export function checkInFlash({ segments }: Pick<Image, "segments">, part: Part): void {
  const end = flashEnd(part);
  for (const { address, data } of segments) {
    const to = address + data.length;
    if (address >= DEFAULT_ADDRESS && (end === undefined || to <= end)) continue;
    const alias = aliasesOf(part.family).find(
      (one) =>
        address >= one.address && (end === undefined || to - one.address <= end - DEFAULT_ADDRESS),
    );
    const linked =
      alias === undefined || address >= DEFAULT_ADDRESS
        ? ""
        : `. It is at the flash's ${alias.name}: a release needs it at the flash's own address, from ${hex32(DEFAULT_ADDRESS)}`;
    throw new DfuError(
      "image.does_not_fit",
      `the file covers ${hex32(address)} to ${hex32(to - 1)}; the flash of ${part.name} is ${hex32(DEFAULT_ADDRESS)} to ${end === undefined ? "its end" : hex32(end - 1)} at most${linked}`,
      { address },
    );
  }
}
