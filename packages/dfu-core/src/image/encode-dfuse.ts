import { ELEMENT_LENGTH, NAME_LENGTH, PREFIX_LENGTH, TARGET_LENGTH } from "./dfuse-format.ts";
import type { Segment } from "./image.ts";
import { appendSuffix } from "./suffix.ts";

/** What a DfuSe file says beside the bytes. ST's ROM ids, "any version" and alternate 0 when not given. */
export interface EncodeDfuseOptions {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly bcdDevice?: number;
  readonly alternate?: number;
  /** szTargetName, at most 254 Latin-1 characters. */
  readonly name?: string;
}

/** One memory of the device in a .dfu file. */
export interface DfuseTarget {
  /** bAlternateSetting; 0 when not given. */
  readonly alternate?: number;
  readonly name?: string;
  readonly segments: readonly Segment[];
}

type Ids = Pick<EncodeDfuseOptions, "vendorId" | "productId" | "bcdDevice">;

/** A .dfu file with one target that ST's tools and dfu-util read. */
export const encodeDfuse = (
  segments: readonly Segment[],
  options: EncodeDfuseOptions = {},
): Uint8Array =>
  encodeDfuseTargets(
    [{ segments, alternate: options.alternate ?? 0, name: options.name ?? "ST..." }],
    options,
  );

/** A .dfu file with any number of targets, at most 255. */
export function encodeDfuseTargets(targets: readonly DfuseTarget[], ids: Ids = {}): Uint8Array {
  const length = targets.reduce(
    (sum, target) => sum + TARGET_LENGTH + payloadOf(target),
    PREFIX_LENGTH,
  );
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  putText(bytes, 0, "DfuSe");
  view.setUint8(5, 1);
  view.setUint32(6, length, true);
  view.setUint8(10, targets.length);
  let at = PREFIX_LENGTH;
  for (const target of targets) at = putTarget(bytes, view, at, target);
  return appendSuffix(bytes, {
    vendorId: ids.vendorId ?? 0x0483,
    productId: ids.productId ?? 0xdf11,
    bcdDevice: ids.bcdDevice ?? 0xffff,
  });
}

const payloadOf = (target: DfuseTarget): number =>
  target.segments.reduce((sum, segment) => sum + ELEMENT_LENGTH + segment.data.length, 0);

function putText(bytes: Uint8Array, at: number, letters: string): void {
  for (let index = 0; index < letters.length; index += 1) {
    bytes[at + index] = letters.charCodeAt(index) & 0xff;
  }
}

/** Returns where the next target goes. */
function putTarget(bytes: Uint8Array, view: DataView, start: number, target: DfuseTarget): number {
  const { segments, alternate = 0, name = "" } = target;
  putText(bytes, start, "Target");
  view.setUint8(start + 6, alternate);
  view.setUint32(start + 7, name === "" ? 0 : 1, true);
  putText(bytes, start + 11, name.slice(0, NAME_LENGTH - 1));
  view.setUint32(start + 266, payloadOf(target), true);
  view.setUint32(start + 270, segments.length, true);
  let at = start + TARGET_LENGTH;
  for (const segment of segments) {
    view.setUint32(at, segment.address, true);
    view.setUint32(at + 4, segment.data.length, true);
    bytes.set(segment.data, at + ELEMENT_LENGTH);
    at += ELEMENT_LENGTH + segment.data.length;
  }
  return at;
}
