import { DfuError } from "../errors.ts";
import { ELEMENT_LENGTH, NAME_LENGTH, PREFIX_LENGTH, TARGET_LENGTH } from "./dfuse-format.ts";
import type { Image, Segment } from "./image.ts";
import { mergeSegments } from "./segments.ts";
import { readSuffix, SUFFIX_LENGTH } from "./suffix.ts";
import { asciiOf, printable } from "./text-lines.ts";

const nameOf = (bytes: Uint8Array): string => {
  const nul = bytes.indexOf(0);
  return printable(asciiOf(nul < 0 ? bytes : bytes.subarray(0, nul))).trim();
};

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

/** "DfuSe" at the start. */
export const isDfuse = (bytes: Uint8Array): boolean => startsWith(bytes, 0, "DfuSe");

/**
 * Reads an ST .dfu file. The targets of one alternate give the image: of alternate 0 where there is one, else of the only
 * one there is. Targets of other alternates are other memories and are left out with a warning. Bytes after the NUL of the
 * name are garbage in ST's own files and ignored.
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
  // ST's tools leave the suffix out of DFUImageSize, dfuse-pack of dfu-util counts it.
  const announced = view.getUint32(6, true);
  if (announced > bytes.length) {
    throw new DfuError(
      "image.truncated",
      `DFUImageSize at offset 6 announces ${announced} bytes, the file has ${bytes.length}`,
    );
  }
  const suffix = readSuffix(bytes);
  const end = bytes.length - suffix.length;
  const warnings: string[] = [];
  if (suffix.bcdDfu !== 0x011a) {
    warnings.push(`bcdDFU is 0x${suffix.bcdDfu.toString(16)}, DfuSe files have 0x11a`);
  }
  if (announced !== bytes.length && announced !== end) {
    warnings.push(`DFUImageSize at offset 6 says ${announced}, the file has ${end} and its suffix`);
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
  const { alternate, chosen } = chooseAlternate(targets);
  for (const other of targets.filter((target) => target.alternate !== alternate)) {
    warnings.push(`target for alternate ${other.alternate} (${other.name}) is not flashed`);
  }
  if (alternate !== 0) {
    warnings.push(`the file is for alternate ${alternate} alone, and not for 0, the flash memory`);
  }
  const merged = mergeSegments(chosen.flatMap((target) => target.segments));
  const title = chosen[0]?.name ?? "";
  const { vendorId, productId, bcdDevice } = suffix;
  return {
    format: "dfuse",
    ...merged,
    target: { vendorId, productId, bcdDevice },
    alternate,
    ...(title === "" ? {} : { title }),
    warnings: [...warnings, ...chosen.flatMap((target) => target.warnings), ...merged.warnings],
  };
}

function chooseAlternate(targets: readonly Target[]): { alternate: number; chosen: Target[] } {
  const alternates = new Set(targets.map((target) => target.alternate));
  const [only] = alternates;
  if (only === undefined) throw new DfuError("image.empty", "the DfuSe file has no target");
  if (!alternates.has(0) && alternates.size > 1) {
    throw new DfuError(
      "image.format",
      `the DfuSe file has targets for the alternates ${[...alternates].join(", ")} and none for 0, the flash memory`,
    );
  }
  const alternate = alternates.has(0) ? 0 : only;
  return { alternate, chosen: targets.filter((target) => target.alternate === alternate) };
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
      : nameOf(bytes.subarray(start + 11, start + 11 + NAME_LENGTH));
  return { alternate: view.getUint8(start + 6), name, segments, warnings, end: at };
}
