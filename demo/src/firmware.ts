import { encodeDfuse } from "@flashline/dfu-core/image";

const FLASH = 0x0800_0000;
const STACK_TOP = 0x2000_4000;
const VECTORS = 48;

/**
 * A firmware file as a build would make it: vector table, code-like bytes, texts, a table of constants, and a tail that is
 * not a whole sector. The same version gives the same bytes.
 */
function makeFirmware(version: string, length = 31_120): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const next = randomWords(version);
  for (let at = VECTORS * 4; at + 2 <= length; at += 2) {
    // Thumb code: mostly MOVS, LDR, STR and branches, so that the bytes look and compress like code.
    const opcode =
      [0x2000, 0x4800, 0x6000, 0x6800, 0xd000, 0x4600, 0xbd00, 0xf000][next() % 8] ?? 0xbf00;
    view.setUint16(at, opcode | (next() & 0x1ff), true);
  }
  view.setUint32(0, STACK_TOP, true);
  for (let vector = 1; vector < VECTORS; vector += 1) {
    const handler = FLASH + VECTORS * 4 + ((vector * 212) % (length - VECTORS * 4 - 4));
    view.setUint32(vector * 4, (handler & ~1) | 1, true);
  }
  const texts = `Flashline demo firmware ${version}\0CAN 2.0B 500 kbit/s\0assert failed: %s:%d\0`;
  bytes.set(new TextEncoder().encode(texts), length - 4096);
  for (let index = 0; index < 256; index += 1)
    view.setUint32(length - 2048 + index * 4, crcTableEntry(index), true);
  return bytes;
}

/** Near the firmware's end, where nothing else lies: room that the linker would have reserved. */
const UNIT_DATA = FLASH + 31_120 - 512;

/** What of each unit goes into {@link makeFirmware} of the usual length: its serial, its address, and a checksum over both. */
export const UNIT_FIELDS = [
  { name: "serial", kind: "text", address: UNIT_DATA, length: 16, value: { from: "serial" } },
  {
    name: "mac",
    kind: "bytes",
    address: UNIT_DATA + 16,
    length: 6,
    value: { from: "range", range: "mac" },
  },
  {
    name: "check",
    kind: "crc32",
    address: UNIT_DATA + 24,
    length: 4,
    crc: { from: UNIT_DATA, to: UNIT_DATA + 22 },
  },
] as const;

/** The same as a DfuSe file for ST's bootloader. */
export function makeDfuFile(version: string): Uint8Array {
  return encodeDfuse([{ address: FLASH, data: makeFirmware(version) }], {
    vendorId: 0x0483,
    productId: 0xdf11,
    bcdDevice: 0x0000,
    name: "Flashline demo",
  });
}

function crcTableEntry(index: number): number {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1)
    value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value >>> 0;
}

/** xorshift32 seeded with a text. */
function randomWords(seed: string): () => number {
  let state = [...seed].reduce(
    (sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0,
    0x9e37_79b9,
  );
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
