import type { Image } from "@flashline/dfu-core";

export interface Vectors {
  /** Initial stack pointer. */
  readonly stack: number;
  /** Reset handler with its Thumb bit. */
  readonly reset: number;
}

/** First two words of a Cortex-M vector table (ARMv7-M, B1.5.3), when they point into RAM and into the image. */
export function vectorTable(image: Image): Vectors | undefined {
  const first = image.segments[0];
  if (first === undefined || first.data.length < 8) return undefined;
  const view = new DataView(first.data.buffer, first.data.byteOffset, first.data.byteLength);
  const stack = view.getUint32(0, true);
  const reset = view.getUint32(4, true);
  const inRam = stack >= 0x1000_0000 && stack < 0x4000_0000 && stack % 4 === 0;
  const inImage = image.segments.some(
    ({ address, data }) => reset >= address && reset < address + data.length,
  );
  return inRam && inImage && reset % 2 === 1 ? { stack, reset } : undefined;
}
