import { DfuError } from "../errors.ts";
import type { TargetDevice } from "./image.ts";

/** USB DFU 1.1, appendix B: 16 bytes at the end of the file. */
export const SUFFIX_LENGTH = 16;
/** bcdDFU of DfuSe (UM0391, section 2.4). */
const BCD_DFUSE = 0x011a;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 without the final inversion, as the suffix has it. */
export function suffixCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = ((TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)) >>> 0;
  return crc;
}

/** The DFU suffix at a file's end (USB DFU 1.1, appendix B), without its CRC. */
export interface Suffix extends TargetDevice {
  readonly bcdDfu: number;
  /** bLength: 16, more if a later standard extends it. */
  readonly length: number;
}

/** True when the file's end looks like a suffix; says nothing of its CRC. */
export function hasSuffix(bytes: Uint8Array): boolean {
  const at = bytes.length - SUFFIX_LENGTH;
  return at >= 0 && bytes[at + 8] === 0x55 && bytes[at + 9] === 0x46 && bytes[at + 10] === 0x44;
}

/** Reads and checks the suffix. Throws `image.format` without one, `image.crc` when the checksum differs. */
export function readSuffix(bytes: Uint8Array): Suffix {
  const at = bytes.length - SUFFIX_LENGTH;
  if (!hasSuffix(bytes)) {
    throw new DfuError("image.format", `no DFU suffix at offset ${at}: expected "UFD" 8 bytes in`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, SUFFIX_LENGTH);
  const length = view.getUint8(11);
  if (length < SUFFIX_LENGTH || length > bytes.length) {
    throw new DfuError(
      "image.format",
      `suffix at offset ${at} says it has ${length} bytes, expected at least 16 and at most the file's ${bytes.length}`,
    );
  }
  const got = suffixCrc(bytes.subarray(0, bytes.length - 4));
  const expected = view.getUint32(12, true);
  if (got !== expected) {
    throw new DfuError(
      "image.crc",
      `CRC at offset ${bytes.length - 4}: content gives 0x${got.toString(16)}, the suffix says 0x${expected.toString(16)}`,
    );
  }
  return {
    bcdDevice: view.getUint16(0, true),
    productId: view.getUint16(2, true),
    vendorId: view.getUint16(4, true),
    bcdDfu: view.getUint16(6, true),
    length,
  };
}

/** `content` with a suffix and its CRC. */
export function appendSuffix(
  content: Uint8Array,
  target: TargetDevice,
  bcdDfu = BCD_DFUSE,
): Uint8Array {
  const bytes = new Uint8Array(content.length + SUFFIX_LENGTH);
  bytes.set(content);
  const view = new DataView(bytes.buffer, content.length);
  view.setUint16(0, target.bcdDevice, true);
  view.setUint16(2, target.productId, true);
  view.setUint16(4, target.vendorId, true);
  view.setUint16(6, bcdDfu, true);
  bytes.set([0x55, 0x46, 0x44, SUFFIX_LENGTH], content.length + 8);
  view.setUint32(12, suffixCrc(bytes.subarray(0, bytes.length - 4)), true);
  return bytes;
}
