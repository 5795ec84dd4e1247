import type { Image, Segment } from "../image/image.ts";
import { isSecret } from "../image/secrets.ts";
import type { FlashPlan } from "./plan.ts";

/** What memory is to hold: the image, padded with the erased value. */
export interface Content {
  /** A fresh copy of `length` bytes from `address`. */
  readonly read: (address: number, length: number) => Uint8Array;
  /** The byte is part of a per-unit secret and may not be shown. */
  readonly isSecret: (address: number) => boolean;
}

export function contentOf(image: Image, plan: FlashPlan, extra: readonly Segment[] = []): Content {
  const segments = [...extra, ...image.segments];
  return {
    isSecret: (address) => isSecret(image, address),
    read: (address, length) => {
      const bytes = new Uint8Array(length).fill(plan.erasedValue);
      for (const segment of segments) {
        const from = Math.max(address, segment.address);
        const to = Math.min(address + length, segment.address + segment.data.length);
        if (from < to) {
          const part = segment.data.subarray(from - segment.address, to - segment.address);
          bytes.set(part, from - address);
        }
      }
      return bytes;
    },
  };
}

interface Range {
  readonly address: number;
  readonly length: number;
}

/** The parts of ranges inside one sector. */
export function partsWithin(
  ranges: readonly Range[],
  sector: { readonly address: number; readonly size: number },
): readonly Range[] {
  const parts: Range[] = [];
  for (const range of ranges) {
    const from = Math.max(range.address, sector.address);
    const to = Math.min(range.address + range.length, sector.address + sector.size);
    if (from < to) parts.push({ address: from, length: to - from });
  }
  return parts;
}
