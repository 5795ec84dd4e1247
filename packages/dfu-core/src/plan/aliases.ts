import { partsSeen } from "../identity/identify.ts";
import type { Image, Segment } from "../image/image.ts";
import { spanOf, spanText } from "../image/ranges.ts";
import { DEFAULT_ADDRESS } from "../image/raw.ts";
import { moveImage } from "../image/rebase.ts";
import { normaliseSegments, totalBytes } from "../image/segments.ts";
import { aliasesOf, type FlashAlias } from "../parts/aliases.ts";
import { flashGeometry, flashOf, type GeometryOptions, sectorAt } from "./geometry.ts";

/**
 * Moves the parts of an image that lie at an alias of the flash to the flash's own address, with a warning. An alias counts only
 * if every class that the unit may be of has it and the unit itself names no memory there. Other parts stay where they are, and
 * the plan refuses them. Throws `image.overlap` where the image has other bytes at the flash's own address, and what {@link flashGeometry} throws.
 */
export function atFlashAddress(image: Image, options: GeometryOptions): Image {
  const aliases = commonAliases(options);
  if (aliases.length === 0) return image;
  const geometry = flashGeometry(options);
  const { bytes } = flashOf(options);
  const isNamed = ({ address, data }: Segment) =>
    sectorAt(geometry, address) !== undefined ||
    sectorAt(geometry, address + data.length - 1) !== undefined;
  return aliases.reduce((before, { address, name }) => {
    const through = before.segments.filter(
      (part) =>
        part.address >= address &&
        part.address + part.data.length <= address + bytes &&
        !isNamed(part),
    );
    if (through.length === 0) return before;
    const distance = DEFAULT_ADDRESS - address;
    const moved = moveImage(before, through, distance);
    const notes = through.map((part) => {
      const { from, to } = spanOf(part);
      const there = spanText({ from: from + distance, to: to + distance });
      return `${spanText({ from, to })} is the flash's ${name}, and goes to ${there}`;
    });
    const segments = normaliseSegments(moved.segments);
    return {
      ...moved,
      segments,
      bytes: totalBytes(segments),
      warnings: [...moved.warnings, ...notes],
    };
  }, image);
}

/** The aliases that every class has which the unit may be of. */
function commonAliases({ descriptors, chip }: GeometryOptions): readonly FlashAlias[] {
  const [first = [], ...others] = partsSeen(descriptors, chip).map(({ family }) =>
    aliasesOf(family),
  );
  return first.filter(({ address }) =>
    others.every((aliases) => aliases.some((alias) => alias.address === address)),
  );
}
