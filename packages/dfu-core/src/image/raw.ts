import { DfuError, hex32 } from "../errors.ts";
import type { Image, Segment } from "./image.ts";
import { normaliseSegments } from "./segments.ts";
import { hasSuffix, readSuffix } from "./suffix.ts";

/** Where STM32 flash begins. */
export const DEFAULT_ADDRESS = 0x08000000;

/**
 * Bytes as they are, to one address. A DFU suffix (dfu-suffix puts one on raw files too) is checked and taken off; one with
 * a wrong checksum is refused, because a damaged .dfu file looks the same. `literal` takes every byte as data.
 */
export function parseRaw(bytes: Uint8Array, address = DEFAULT_ADDRESS, literal = false): Image {
  if (!hasSuffix(bytes)) return rawImage(bytes, address);
  if (literal) {
    const note = "the last 16 bytes look like a DFU suffix and are taken as data too";
    return { ...rawImage(bytes, address), warnings: [note] };
  }
  const { vendorId, productId, bcdDevice, length } = readSuffix(bytes);
  const image = rawImage(bytes.subarray(0, bytes.length - length), address);
  return {
    ...image,
    target: { vendorId, productId, bcdDevice },
    warnings: ["the DFU suffix at the end of the raw file was checked and taken off"],
  };
}

function rawImage(bytes: Uint8Array, address: number): Image {
  const segments = normaliseSegments([{ address, data: bytes.slice() }]);
  return { format: "raw", segments, bytes: bytes.length, warnings: [] };
}

/** The most that a raw file may have; more is mostly gaps, because no part has as much flash. */
const MOST_RAW_BYTES = 64 * 1024 * 1024;

/**
 * One stretch of bytes from the lowest to the highest address; gaps are filled. Throws `image.gap` when that is more than
 * `limit` bytes, before anything is allocated.
 */
export function encodeRaw(
  image: Pick<Image, "segments">,
  fill = 0xff,
  limit = MOST_RAW_BYTES,
): Uint8Array {
  const first = image.segments[0];
  const last = image.segments.at(-1);
  if (first === undefined || last === undefined) return new Uint8Array(0);
  const length = last.address + last.data.length - first.address;
  if (length > limit) {
    const gap = widestGap(image.segments);
    throw new DfuError(
      "image.gap",
      `from ${hex32(first.address)} to ${hex32(first.address + length - 1)} a raw file would have ${length} bytes, at most ${limit} are written; ${gap.length} of them would fill the gap at ${hex32(gap.address)}`,
      { address: gap.address },
    );
  }
  const bytes = new Uint8Array(length).fill(fill);
  for (const segment of image.segments) bytes.set(segment.data, segment.address - first.address);
  return bytes;
}

function widestGap(segments: readonly Segment[]): { address: number; length: number } {
  let widest = { address: 0, length: 0 };
  segments.forEach(({ address, data }, index) => {
    const end = address + data.length;
    const next = segments[index + 1];
    if (next !== undefined && next.address - end > widest.length) {
      widest = { address: end, length: next.address - end };
    }
  });
  return widest;
}
