import { DfuError, hex32 } from "../errors.ts";
import type { Segment } from "./image.ts";

export const END_OF_MEMORY = 0x1_0000_0000;
/** Separate pieces of one image; real ones have a handful. More would make every later step slow without a use. */
const MOST_SEGMENTS = 16_384;

/** Segments in ascending order of address that neither touch nor overlap. */
export interface MergedSegments {
  readonly segments: readonly Segment[];
  readonly bytes: number;
  /** One line when the same bytes came twice. */
  readonly warnings: readonly string[];
}

/**
 * Sorts segments and joins those that touch. The same bytes twice are one, with a warning; different bytes for one address
 * are `image.overlap`; nothing at all is `image.empty`; beyond 4 GiB or in too many pieces is `image.format`.
 */
export function mergeSegments(parts: readonly Segment[]): MergedSegments {
  const sorted = parts
    .filter((segment) => segment.data.length > 0)
    .sort((a, b) => a.address - b.address);
  const groups: Segment[][] = [];
  let end = -1;
  for (const segment of sorted) {
    if (segment.address + segment.data.length > END_OF_MEMORY) {
      throw new DfuError("image.format", "data reaches beyond 4 GiB", { address: segment.address });
    }
    const group = groups.at(-1);
    if (group !== undefined && segment.address <= end) group.push(segment);
    else groups.push([segment]);
    end = Math.max(end, segment.address + segment.data.length);
  }
  if (groups.length === 0) throw new DfuError("image.empty", "the image has no data");
  if (groups.length > MOST_SEGMENTS) {
    throw new DfuError(
      "image.format",
      `the image is in ${groups.length} separate pieces, at most ${MOST_SEGMENTS} are read`,
    );
  }
  const segments = groups.map(join);
  const bytes = totalBytes(segments);
  const repeated = totalBytes(sorted) - bytes;
  const warnings =
    repeated === 0 ? [] : [`${repeated} bytes come twice with the same content and count once`];
  return { segments, bytes, warnings };
}

/** {@link mergeSegments} without the figures. */
export const normaliseSegments = (segments: readonly Segment[]): readonly Segment[] =>
  mergeSegments(segments).segments;

function join(group: readonly Segment[]): Segment {
  const [first, ...rest] = group;
  if (first === undefined) throw new DfuError("internal.bug", "joining no segments");
  if (rest.length === 0) return first;
  const end = group.reduce((most, part) => Math.max(most, part.address + part.data.length), 0);
  const data = new Uint8Array(end - first.address);
  let filled = 0;
  for (const part of group) {
    const offset = part.address - first.address;
    const shared = Math.min(filled - offset, part.data.length);
    for (let index = 0; index < shared; index += 1) {
      if (data[offset + index] !== part.data[index]) {
        throw new DfuError(
          "image.overlap",
          `two parts of the image differ at ${hex32(part.address + index)}: ${hexByte(data[offset + index])} and ${hexByte(part.data[index])}`,
          { address: part.address + index },
        );
      }
    }
    data.set(part.data, offset);
    filled = Math.max(filled, offset + part.data.length);
  }
  return { address: first.address, data };
}

const hexByte = (byte: number | undefined): string =>
  `0x${(byte ?? 0).toString(16).padStart(2, "0")}`;

export const totalBytes = (segments: readonly Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.data.length, 0);
