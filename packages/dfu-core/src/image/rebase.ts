import { DfuError } from "../errors.ts";
import type { Image, Segment } from "./image.ts";
import { END_OF_MEMORY } from "./segments.ts";

/**
 * The image moved as a whole, so that its lowest byte lies at `address`; gaps keep their length. The bytes are not changed: code that is
 * linked for one address does not run at another one. Throws `usage.range` where it would reach beyond 4 GiB.
 */
export function rebaseImage(image: Image, address: number): Image {
  const [first] = image.segments;
  if (first === undefined) throw new DfuError("image.empty", "the image has no data");
  return moveImage(image, image.segments, address - first.address);
}

/** These segments of an image moved by `distance` bytes, with the start address and the secrets that lie in them. */
export function moveImage(image: Image, which: readonly Segment[], distance: number): Image {
  if (distance === 0) return image;
  const inside = (address: number) =>
    which.some((part) => address >= part.address && address < part.address + part.data.length);
  const moved = (address: number) => (inside(address) ? address + distance : address);
  const segments = image.segments
    .map((part) => ({ address: moved(part.address), data: part.data }))
    .sort((a, b) => a.address - b.address);
  const beyond = segments.find(
    ({ address, data }) => address < 0 || address + data.length > END_OF_MEMORY,
  );
  if (beyond !== undefined) {
    throw new DfuError("usage.range", `moved by ${distance} bytes the image leaves the 4 GiB`);
  }
  const { entry, secrets } = image;
  return {
    ...image,
    segments,
    ...(entry === undefined ? {} : { entry: moved(entry & ~1) + (entry & 1) }),
    ...(secrets === undefined
      ? {}
      : { secrets: secrets.map((range) => ({ ...range, address: moved(range.address) })) }),
  };
}
