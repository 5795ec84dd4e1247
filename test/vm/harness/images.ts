import { encodeDfuse } from "@flashline/dfu-core/image";

const FLASH = 0x0800_0000;

/** Firmware-like content: a vector table that a bootloader believes, then bytes from a seeded generator. */
export function firmware(bytes: number, seed: number): Uint8Array {
  const data = new Uint8Array(bytes);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < bytes; index += 1) {
    // xorshift32 (Marsaglia, 2003)
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[index] = state & 0xff;
  }
  const view = new DataView(data.buffer);
  view.setUint32(0, 0x2000_2000, true);
  view.setUint32(4, FLASH + 0x101, true);
  return data;
}

/** As ST's own tool writes them: one target, one element. */
export function dfuseFile(data: Uint8Array, address = FLASH): Uint8Array {
  return encodeDfuse([{ address, data }]);
}
