import { DfuError, hex32 } from "../errors.ts";
import type { AddressRange, Image, Segment } from "../image/image.ts";
import { checkFields } from "./check-fields.ts";
import { crc32 } from "./crc.ts";
import { encodeValue } from "./encode-value.ts";
import type { CrcField, PatchField, PatchValues, ValueField } from "./field.ts";

/** A new SHA-256 of the platform: this package uses nothing but the language. In Node.js `createHash("sha256")` is one. */
export interface ContentHash {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

/** An image with one unit's own data in it. */
export interface PatchedImage {
  /** A copy with the fields in place; its `secrets` are where secret ones lie, and CRCs over them. */
  readonly image: Image;
  /**
   * SHA-256 of the patched content in hexadecimal: address and length of every segment, 32 bit little-endian each, then its
   * bytes. It names what a unit was given without showing it. Whoever can guess a secret can test the guess against it.
   */
  readonly digest: (sha256: ContentHash) => string;
  /** As `digest`, but with zeros where the image's `secrets` are: for records that others read. */
  readonly publicDigest: (sha256: ContentHash) => string;
}

/** Most bytes that one CRC goes over, where `fill` spans a gap. */
const MOST_CRC_BYTES = 64 * 1024 * 1024;

/**
 * Puts per-unit data into an image, before anything is planned; pure. Every field needs its value, and every value its field.
 * Throws `image.patch_spec`, `image.patch_overlap`, `image.patch_outside`, `image.patch_value`; no message has a value in it.
 */
export function applyPatches(
  image: Image,
  fields: readonly PatchField[],
  values: PatchValues,
): PatchedImage {
  checkFields(fields);
  checkNames(fields, values);
  const segments = image.segments.map(
    ({ address, data }): Segment => ({ address, data: new Uint8Array(data) }),
  );
  const crcs: CrcField[] = [];
  const written: ValueField[] = [];
  for (const field of fields) {
    const place = placeOf(segments, field);
    if (field.kind === "crc32") {
      crcs.push(field);
      continue;
    }
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
    if (value === undefined) {
      throw new DfuError("image.patch_value", `field ${field.name} has no value`);
    }
    place.set(encodeValue(field, value));
    written.push(field);
  }
  const secrets: AddressRange[] = [
    ...(image.secrets ?? []),
    ...written.filter((field) => field.secret === true).map(rangeOf),
  ];
  for (const field of crcs) {
    writeCrc(segments, field);
    if (field.secret === true || secrets.some((range) => isCovered(range, field))) {
      secrets.push(rangeOf(field));
    }
  }
  return {
    image: { ...image, segments, ...(secrets.length === 0 ? {} : { secrets }) },
    digest: (sha256) => digestOf(segments, sha256),
    publicDigest: (sha256) =>
      digestOf(
        segments.map((segment) => withZeros(segment, secrets)),
        sha256,
      ),
  };
}

function digestOf(segments: readonly Segment[], sha256: ContentHash): string {
  for (const { address, data } of segments) {
    sha256.update(header(address, data.length));
    sha256.update(data);
  }
  return sha256.digest("hex");
}

function withZeros({ address, data }: Segment, ranges: readonly AddressRange[]): Segment {
  const shown = new Uint8Array(data);
  for (const range of ranges) {
    const to = range.address + range.length - address;
    if (to > 0) shown.fill(0, Math.max(0, range.address - address), to);
  }
  return { address, data: shown };
}

function checkNames(fields: readonly PatchField[], values: PatchValues): void {
  const known = new Map(fields.map((field) => [field.name, field]));
  for (const name of Object.keys(values)) {
    const field = known.get(name);
    // An unknown name may be a value in the wrong place, so it is not printed.
    if (field === undefined) {
      throw new DfuError(
        "image.patch_value",
        `a value is given for a field that is not described; there are ${[...known.keys()].join(", ") || "none"}`,
      );
    }
    if (field.kind === "crc32") {
      throw new DfuError("image.patch_value", `field ${name} is computed and takes no value`);
    }
  }
}

/** The bytes of a field, inside the one segment that holds all of it. */
function placeOf(segments: readonly Segment[], { name, address, length }: PatchField): Uint8Array {
  const segment = segments.find(
    (part) => address >= part.address && address + length <= part.address + part.data.length,
  );
  if (segment === undefined) {
    throw new DfuError(
      "image.patch_outside",
      `field ${name}, ${hex32(address)} to ${hex32(address + length - 1)}, is not all inside the image`,
      { address },
    );
  }
  const from = address - segment.address;
  return segment.data.subarray(from, from + length);
}

function writeCrc(segments: readonly Segment[], field: CrcField): void {
  const place = placeOf(segments, field);
  const value = crc32(contentOf(segments, field), field.crc);
  const view = new DataView(place.buffer, place.byteOffset, place.byteLength);
  view.setUint32(0, value, (field.endian ?? "little") === "little");
}

/** What a CRC is computed over. */
function contentOf(segments: readonly Segment[], { name, crc }: CrcField): Uint8Array {
  const { from, to, fill } = crc;
  const parts = segments.filter(
    (part) => part.address < to && from < part.address + part.data.length,
  );
  const covered = parts.reduce((sum, { address, data }) => {
    return sum + Math.min(to, address + data.length) - Math.max(from, address);
  }, 0);
  if (fill === undefined && covered < to - from) {
    throw new DfuError(
      "image.patch_outside",
      `field ${name}: ${to - from - covered} bytes of its range, ${hex32(from)} to ${hex32(to - 1)}, are not in the image, and it names no fill`,
      { address: from },
    );
  }
  if (to - from > MOST_CRC_BYTES) {
    throw new DfuError(
      "image.patch_spec",
      `field ${name}: its range has ${to - from} bytes, at most ${MOST_CRC_BYTES} are possible`,
    );
  }
  const content = new Uint8Array(to - from).fill(fill ?? 0);
  for (const { address, data } of parts) {
    const first = Math.max(from, address);
    const last = Math.min(to, address + data.length);
    content.set(data.subarray(first - address, last - address), first - from);
  }
  return content;
}

const rangeOf = ({ address, length }: AddressRange): AddressRange => ({ address, length });

/** A CRC over a short secret gives it away. */
const isCovered = (range: AddressRange, { crc }: CrcField): boolean =>
  crc.from < range.address + range.length && range.address < crc.to;

function header(address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, address, true);
  view.setUint32(4, length, true);
  return bytes;
}
