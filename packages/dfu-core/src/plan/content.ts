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

/** The parts of `runs` inside one sector. */
export function runsWithin(
  plan: FlashPlan,
  sector: { readonly address: number; readonly size: number },
): readonly { readonly address: number; readonly length: number }[] {
  const pieces: { address: number; length: number }[] = [];
  for (const run of plan.runs) {
    const from = Math.max(run.address, sector.address);
    const to = Math.min(run.address + run.length, sector.address + sector.size);
    if (from < to) pieces.push({ address: from, length: to - from });
  }
  return pieces;
}
