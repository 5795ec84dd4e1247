import { DfuError, hex32 } from "../errors.ts";
import type { AddressRange, Image, Segment } from "./image.ts";
import { normaliseSegments, totalBytes } from "./segments.ts";

/** A range of addresses; both ends belong to it. */
export interface AddressSpan {
  readonly from: number;
  readonly to: number;
}

/** Which addresses of an image are wanted; see {@link partOfImage}. */
export interface PartOptions {
  /** Only the parts inside one of these ranges stay. Without a range everything stays. */
  readonly only?: readonly AddressSpan[];
  /** The parts inside one of these ranges are left out, even if `only` has them. */
  readonly skip?: readonly AddressSpan[];
}

/** A span as messages show it, "0x08000000 to 0x0800ffff". */
export const spanText = ({ from, to }: AddressSpan): string => `${hex32(from)} to ${hex32(to)}`;

/** First and last address of a segment. */
export const spanOf = ({ address, data }: Segment): AddressSpan => ({
  from: address,
  to: address + data.length - 1,
});

/**
 * The part of an image that is wanted. A warning names each stretch that was left out, so that a plan shows it. Throws
 * `usage.range` for a range that ends before it begins or in which the image has nothing: a mistyped range must not flash what was to be
 * left out. Throws `image.empty` when nothing stays.
 */
export function partOfImage(image: Image, { only = [], skip = [] }: PartOptions): Image {
  if (only.length === 0 && skip.length === 0) return image;
  for (const span of [...only, ...skip]) checkSpan(image, span);
  const within = only.length === 0 ? image.segments : keepOnly(image.segments, only);
  const left = skip.reduce(takeOut, within);
  if (left.length === 0) throw new DfuError("image.empty", "nothing of the image is left");
  const segments = normaliseSegments(left);
  const gone = segments.map(spanOf).reduce(takeOut, image.segments);
  const { secrets = [], ...rest } = image;
  const kept = secrets.flatMap((range) => rangesIn(range, segments));
  return {
    ...rest,
    segments,
    bytes: totalBytes(segments),
    ...(kept.length === 0 ? {} : { secrets: kept }),
    warnings: [
      ...image.warnings,
      ...gone.map((part) => `left out: ${spanText(spanOf(part))} (${part.data.length} bytes)`),
    ],
  };
}

function checkSpan(image: Image, span: AddressSpan): void {
  if (span.from > span.to) {
    throw new DfuError("usage.range", `the range ${spanText(span)} ends before it begins`);
  }
  if (keepOnly(image.segments, [span]).length === 0) {
    throw new DfuError("usage.range", `the image has nothing in ${spanText(span)}`, {
      address: span.from,
    });
  }
}

/** A segment's bytes from `from` up to, and not including, `end`; empty where it has no byte there. */
function slice({ address, data }: Segment, from: number, end: number): readonly Segment[] {
  const start = Math.max(address, from);
  const stop = Math.min(address + data.length, end);
  if (start >= stop) return [];
  return [{ address: start, data: data.subarray(start - address, stop - address) }];
}

const keepOnly = (segments: readonly Segment[], spans: readonly AddressSpan[]) =>
  spans.flatMap(({ from, to }) => segments.flatMap((part) => slice(part, from, to + 1)));

const takeOut = (segments: readonly Segment[], { from, to }: AddressSpan): readonly Segment[] =>
  segments.flatMap((part) => [
    ...slice(part, 0, from),
    ...slice(part, to + 1, Number.POSITIVE_INFINITY),
  ]);

const rangesIn = (range: AddressRange, segments: readonly Segment[]): readonly AddressRange[] =>
  segments.flatMap(({ address, data }) => {
    const from = Math.max(address, range.address);
    const end = Math.min(address + data.length, range.address + range.length);
    return from < end ? [{ address: from, length: end - from }] : [];
  });
