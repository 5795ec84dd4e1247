import type { NorFlash } from "../flash/nor-flash.ts";

/**
 * Would the chip start what lies at `address`? The first word is a stack pointer into RAM (0x1… core-coupled, 0x2… main,
 * 0x3… on H7), the second an odd (Thumb) address inside the flash (ARMv7-M, section B1.5.3). The engine has a rule of its own (dfu-core,
 * image/vector-table.ts), for images: whether a unit starts is the device's to say.
 */
export function plausibleVector(flash: NorFlash, address: number): boolean {
  if (!flash.contains(address, 8)) return false;
  const { data, faultAt } = flash.read(address, 8);
  if (faultAt !== undefined) return false;
  const view = new DataView(data.buffer);
  const stack = view.getUint32(0, true);
  const reset = view.getUint32(4, true);
  const inRam = stack >= 0x1000_0000 && stack < 0x4000_0000 && stack % 4 === 0;
  return inRam && reset % 2 === 1 && flash.contains(reset - 1);
}
