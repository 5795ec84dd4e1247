import { DfuError, hex32 } from "../errors.ts";
import type { Image, Segment } from "./image.ts";

/**
 * Several images as one, because a unit is planned, verified and sealed as a whole; what touches becomes one segment.
 * Throws `image.empty` without an image, `image.overlap` when two of them cover the same address, whatever the data.
 */
export function mergeImages(images: readonly Image[]): Image {
  const [first] = images;
  if (first === undefined) throw new DfuError("image.empty", "there is no image");
  if (images.length === 1) return first;
  const segments = images
    .flatMap((image) => image.segments)
    .sort((a, b) => a.address - b.address)
    .reduce<Segment[]>(joined, []);
  const secrets = images.flatMap((image) => image.secrets ?? []);
  return {
    format: first.format,
    segments,
    bytes: segments.reduce((sum, { data }) => sum + data.length, 0),
    warnings: images.flatMap((image) => image.warnings),
    ...(secrets.length === 0 ? {} : { secrets }),
  };
}

function joined(segments: readonly Segment[], next: Segment): Segment[] {
  const last = segments.at(-1);
  if (last === undefined) return [next];
  const end = last.address + last.data.length;
  if (next.address > end) return [...segments, next];
  if (next.address < end) {
    const { address } = next;
    throw new DfuError("image.overlap", `two images cover ${hex32(address)}`, { address });
  }
  const data = new Uint8Array(last.data.length + next.data.length);
  data.set(last.data);
  data.set(next.data, last.data.length);
  return [...segments.slice(0, -1), { address: last.address, data }];
}
