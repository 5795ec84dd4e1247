import type { Image } from "../../image/image.ts";
import type { EepromRules } from "../../parts/part.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import type { Stretch } from "../sectors/sector-work.ts";

/** Whole words of data EEPROM that follow each other and hold bytes of the image. */
export interface EepromSpan extends Stretch {
  /** What each byte is to hold: the image's, over what was beside it once that is known. */
  readonly wanted: Uint8Array;
  /** 1 for a byte that the image has. */
  readonly isImage: Uint8Array;
  /** What it held when it was read first; bytes that were not read are missing. */
  readonly before: (number | undefined)[];
}

/** What one attempt does to a unit's data EEPROM. */
export interface EepromWork {
  readonly rules: EepromRules;
  readonly spans: readonly EepromSpan[];
  /** The bytes beside the image, in words that it covers in part, are in `wanted`. */
  besideKnown: boolean;
  /** Something was sent to be written there. */
  begun: boolean;
  /** False where a word may be half written, so that what is read of it proves nothing (rule 7, docs/protocol.md). */
  trusted: boolean;
}

/** Undefined where the image has no bytes for data EEPROM. */
export function eepromWork(
  { eeprom }: FlashPlan,
  image: Image,
  rules: EepromRules | undefined,
  knownDirty: boolean,
): EepromWork | undefined {
  if (rules === undefined || eeprom.length === 0) return undefined;
  const { word } = rules;
  const stretches: Stretch[] = [];
  for (const { address, length, alternate } of eeprom) {
    const from = address - (address % word);
    const to = Math.ceil((address + length) / word) * word;
    const last = stretches.at(-1);
    if (last?.alternate === alternate && last.address + last.length >= from) {
      stretches[stretches.length - 1] = { ...last, length: to - last.address };
    } else stretches.push({ alternate, address: from, length: to - from });
  }
  const spans = stretches.map((stretch): EepromSpan => {
    const wanted = new Uint8Array(stretch.length);
    const isImage = new Uint8Array(stretch.length);
    for (const { address, data } of image.segments) {
      const from = Math.max(address, stretch.address);
      const to = Math.min(address + data.length, stretch.address + stretch.length);
      if (from >= to) continue;
      wanted.set(data.subarray(from - address, to - address), from - stretch.address);
      isImage.fill(1, from - stretch.address, to - stretch.address);
    }
    return { ...stretch, wanted, isImage, before: [] };
  });
  return { rules, spans, besideKnown: false, begun: false, trusted: !knownDirty };
}

/** The words of a span that hold bytes beside the image. */
export function partlyCovered(span: EepromSpan, word: number): readonly Stretch[] {
  const parts: Stretch[] = [];
  for (let at = 0; at < span.length; at += word) {
    if (!span.isImage.subarray(at, at + word).includes(0)) continue;
    parts.push({ alternate: span.alternate, address: span.address + at, length: word });
  }
  return parts;
}

/** Runs of whole words of `present`, which was read at `address`, that are not as they are to be. */
export function differing(
  span: EepromSpan,
  address: number,
  present: Uint8Array,
  word: number,
): readonly Stretch[] {
  const runs: { alternate: number; address: number; length: number }[] = [];
  const offset = address - span.address;
  for (let at = 0; at < present.length; at += word) {
    const same = present
      .subarray(at, at + word)
      .every((byte, index) => byte === span.wanted[offset + at + index]);
    if (same) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.address + last.length === address + at) last.length += word;
    else runs.push({ alternate: span.alternate, address: address + at, length: word });
  }
  return runs;
}
