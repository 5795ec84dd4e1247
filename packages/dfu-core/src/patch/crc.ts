import type { CrcRule } from "./field.ts";

const reflected = (value: number, bits: number): number => {
  let result = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    if (value & (1 << bit)) result |= 1 << (bits - 1 - bit);
  }
  return result >>> 0;
};

function tableOf(poly: number, reflect: boolean): DataView {
  const table = new DataView(new ArrayBuffer(1024));
  for (let byte = 0; byte < 256; byte += 1) {
    let value = (reflect ? reflected(byte, 8) : byte) << 24;
    for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ poly : value << 1;
    table.setUint32(byte * 4, reflect ? reflected(value, 32) : value);
  }
  return table;
}

/** CRC-32 of `bytes` by `rule`; with `wordBytes` 4 the length is a multiple of 4. */
export function crc32(bytes: Uint8Array, rule: CrcRule): number {
  const reflect = rule.reflect ?? true;
  const table = tableOf(rule.poly ?? 0x04c11db7, reflect);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const swap = rule.wordBytes === 4 ? 3 : 0;
  let crc = rule.init ?? 0xffffffff;
  if (reflect) crc = reflected(crc, 32);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = view.getUint8(index ^ swap);
    crc = reflect
      ? table.getUint32(((crc ^ byte) & 0xff) * 4) ^ (crc >>> 8)
      : table.getUint32((((crc >>> 24) ^ byte) & 0xff) * 4) ^ (crc << 8);
  }
  return (crc ^ (rule.xorOut ?? 0xffffffff)) >>> 0;
}
