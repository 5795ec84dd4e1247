import { DfuError } from "../errors.ts";
import type { Image } from "./image.ts";
import { normaliseSegments } from "./segments.ts";
import { hasSuffix, readSuffix } from "./suffix.ts";

/** Where STM32 flash begins. */
export const DEFAULT_ADDRESS = 0x08000000;

/**
 * Bytes as they are, to one address. A DFU suffix (dfu-suffix puts one on raw files too) is checked and taken off; one with
 * a wrong checksum is refused, because a damaged .dfu file looks the same. `literal` takes every byte as data.
 */
export function parseRaw(bytes: Uint8Array, address = DEFAULT_ADDRESS, literal = false): Image {
  if (literal || !hasSuffix(bytes)) return rawImage(bytes, address);
  const { vendorId, productId, bcdDevice, length } = readSuffix(bytes);
  return {
    ...rawImage(bytes.subarray(0, bytes.length - length), address),
    target: { vendorId, productId, bcdDevice },
    warnings: ["the DFU suffix at the end of the raw file was checked and taken off"],
  };
}

function rawImage(bytes: Uint8Array, address: number): Image {
  const segments = normaliseSegments([{ address, data: bytes.slice() }]);
  return { format: "raw", segments, bytes: bytes.length, warnings: [] };
}

/** One stretch of bytes from the lowest to the highest address; gaps are filled. At most 64 MiB. */
export function encodeRaw(image: Image, fill = 0xff): Uint8Array {
  const first = image.segments[0];
  const last = image.segments.at(-1);
  if (first === undefined || last === undefined) return new Uint8Array(0);
  const length = last.address + last.data.length - first.address;
  if (length > 64 * 1024 * 1024) {
    throw new DfuError("image.format", `a raw file of ${length} bytes would be mostly gaps`);
  }
  const bytes = new Uint8Array(length).fill(fill);
  for (const segment of image.segments) bytes.set(segment.data, segment.address - first.address);
  return bytes;
}
