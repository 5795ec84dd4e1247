import { DfuError } from "../errors.ts";
import type { Image, Segment } from "./image.ts";
import { normaliseSegments, totalBytes } from "./segments.ts";
import { appendSuffix, readSuffix, SUFFIX_LENGTH } from "./suffix.ts";

/** UM0391, sections 2.1 to 2.3. */
const PREFIX_LENGTH = 11;
const TARGET_LENGTH = 274;
const ELEMENT_LENGTH = 8;
const NAME_LENGTH = 255;

const ascii = (bytes: Uint8Array): string => {
  const nul = bytes.indexOf(0);
  return String.fromCharCode(...(nul < 0 ? bytes : bytes.subarray(0, nul)));
};

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

/** "DfuSe" at the start. */
export const isDfuse = (bytes: Uint8Array): boolean => startsWith(bytes, 0, "DfuSe");

/**
 * Reads an ST .dfu file. Only alternate 0 (or the only target) gives the image: targets of other alternates are other
 * memories and are left out with a warning. Bytes after the NUL of the name are garbage in ST's own files and ignored.
 */
export function parseDfuse(bytes: Uint8Array): Image {
  if (bytes.length < PREFIX_LENGTH + SUFFIX_LENGTH) {
    throw new DfuError("image.truncated", `${bytes.length} bytes, a DfuSe file has at least 27`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(5) !== 1) {
    throw new DfuError(
      "image.format",
      `DfuSe version at offset 5: got ${view.getUint8(5)}, expected 1`,
    );
  }
  const announced = view.getUint32(6, true);
  if (announced + SUFFIX_LENGTH > bytes.length) {
    throw new DfuError(
      "image.truncated",
      `DFUImageSize at offset 6 announces ${announced} bytes and a suffix of 16, the file has ${bytes.length}`,
    );
  }
  const suffix = readSuffix(bytes);
  const end = bytes.length - suffix.length;
  const warnings: string[] = [];
  if (suffix.bcdDfu !== 0x011a) {
    warnings.push(`bcdDFU is 0x${suffix.bcdDfu.toString(16)}, DfuSe files have 0x11a`);
  }
  const count = view.getUint8(10);
  const targets: Target[] = [];
  let at = PREFIX_LENGTH;
  for (let index = 0; index < count; index += 1) {
    const target = parseTarget(bytes, view, at, end);
    targets.push(target);
    at = target.end;
  }
  if (at < end)
    warnings.push(`${end - at} bytes after the last target at offset ${at} are ignored`);
  const chosen = targets.find((target) => target.alternate === 0) ?? targets[0];
  if (chosen === undefined) throw new DfuError("image.empty", "the DfuSe file has no target");
  for (const other of targets.filter((target) => target !== chosen)) {
    warnings.push(`target for alternate ${other.alternate} (${other.name}) is not flashed`);
  }
  const segments = normaliseSegments(chosen.segments);
  return {
    format: "dfuse",
    segments,
    bytes: totalBytes(segments),
    target: {
      vendorId: suffix.vendorId,
      productId: suffix.productId,
      bcdDevice: suffix.bcdDevice,
    },
    alternate: chosen.alternate,
    warnings: [...warnings, ...chosen.warnings],
  };
}

interface Target {
  readonly alternate: number;
  readonly name: string;
  readonly segments: readonly Segment[];
  readonly warnings: readonly string[];
  readonly end: number;
}

function parseTarget(bytes: Uint8Array, view: DataView, start: number, end: number): Target {
  if (start + TARGET_LENGTH > end) {
    throw new DfuError(
      "image.truncated",
      `target prefix at offset ${start} needs 274 bytes, ${end - start} are left`,
    );
  }
  if (!startsWith(bytes, start, "Target")) {
    throw new DfuError("image.format", `offset ${start}: expected the signature "Target"`);
  }
  const size = view.getUint32(start + 266, true);
  const elements = view.getUint32(start + 270, true);
  const segments: Segment[] = [];
  let at = start + TARGET_LENGTH;
  for (let index = 0; index < elements; index += 1) {
    if (at + ELEMENT_LENGTH > end) {
      throw new DfuError(
        "image.truncated",
        `element ${index} at offset ${at} needs 8 bytes, ${end - at} are left`,
      );
    }
    const address = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    at += ELEMENT_LENGTH;
    if (length > end - at) {
      throw new DfuError(
        "image.truncated",
        `element ${index} at offset ${at} announces ${length} bytes, ${end - at} are left`,
        { address },
      );
    }
    segments.push({ address, data: bytes.slice(at, at + length) });
    at += length;
  }
  const got = at - start - TARGET_LENGTH;
  const warnings =
    got === size
      ? []
      : [`dwTargetSize at offset ${start + 266} says ${size}, the elements have ${got}`];
  const name =
    view.getUint32(start + 7, true) === 0
      ? ""
      : ascii(bytes.subarray(start + 11, start + 11 + NAME_LENGTH));
  return { alternate: view.getUint8(start + 6), name, segments, warnings, end: at };
}

export interface EncodeDfuseOptions {
  readonly vendorId?: number;
  readonly productId?: number;
  readonly bcdDevice?: number;
  readonly alternate?: number;
  /** szTargetName, at most 254 Latin-1 characters. */
  readonly name?: string;
}

/** A .dfu file with one target that ST's tools and dfu-util read. */
export function encodeDfuse(
  segments: readonly Segment[],
  options: EncodeDfuseOptions = {},
): Uint8Array {
  const name = (options.name ?? "ST...").slice(0, NAME_LENGTH - 1);
  const payload = segments.reduce((sum, segment) => sum + ELEMENT_LENGTH + segment.data.length, 0);
  const bytes = new Uint8Array(PREFIX_LENGTH + TARGET_LENGTH + payload);
  const view = new DataView(bytes.buffer);
  const text = (at: number, letters: string) => {
    for (let index = 0; index < letters.length; index += 1)
      bytes[at + index] = letters.charCodeAt(index) & 0xff;
  };
  text(0, "DfuSe");
  view.setUint8(5, 1);
  view.setUint32(6, bytes.length, true);
  view.setUint8(10, 1);
  text(PREFIX_LENGTH, "Target");
  view.setUint8(PREFIX_LENGTH + 6, options.alternate ?? 0);
  view.setUint32(PREFIX_LENGTH + 7, 1, true);
  text(PREFIX_LENGTH + 11, name);
  view.setUint32(PREFIX_LENGTH + 266, payload, true);
  view.setUint32(PREFIX_LENGTH + 270, segments.length, true);
  let at = PREFIX_LENGTH + TARGET_LENGTH;
  for (const segment of segments) {
    view.setUint32(at, segment.address, true);
    view.setUint32(at + 4, segment.data.length, true);
    bytes.set(segment.data, at + ELEMENT_LENGTH);
    at += ELEMENT_LENGTH + segment.data.length;
  }
  return appendSuffix(bytes, {
    vendorId: options.vendorId ?? 0x0483,
    productId: options.productId ?? 0xdf11,
    bcdDevice: options.bcdDevice ?? 0xffff,
  });
}
