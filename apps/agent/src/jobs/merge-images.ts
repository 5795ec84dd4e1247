import { FlashlineError } from "@flashline/contract";
import type { Image, Segment } from "@flashline/dfu-core";

/**
 * The images of one release as one, because a unit is planned, verified and sealed as a whole.
 * @throws FlashlineError `image.overlap` when two of them cover the same address, whatever the data.
 */
export function mergeImages(images: readonly Image[]): Image {
  const [first] = images;
  if (first === undefined) throw new FlashlineError("image.empty");
  if (images.length === 1) return first;
  const segments = images
    .flatMap((image) => image.segments)
    .sort((a, b) => a.address - b.address)
    .reduce<Segment[]>(joined, []);
  return {
    format: first.format,
    segments,
    bytes: segments.reduce((sum, { data }) => sum + data.length, 0),
    warnings: images.flatMap((image) => image.warnings),
  };
}

function joined(segments: readonly Segment[], next: Segment): Segment[] {
  const last = segments.at(-1);
  if (last === undefined) return [next];
  const end = last.address + last.data.length;
  if (next.address > end) return [...segments, next];
  if (next.address < end) {
    const address = `0x${next.address.toString(16).padStart(8, "0")}`;
    throw new FlashlineError("image.overlap", `Two images of the release cover ${address}.`);
  }
  const data = new Uint8Array(last.data.length + next.data.length);
  data.set(last.data);
  data.set(next.data, last.data.length);
  return [...segments.slice(0, -1), { address: last.address, data }];
}
