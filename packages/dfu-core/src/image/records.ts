import { DfuError } from "../errors.ts";
import type { Segment } from "./image.ts";
import { excerpt, type TextLine } from "./text-lines.ts";

/** "line 12: why" */
export const refuseLine = (
  code: "image.format" | "image.truncated" | "image.crc" | "image.overlap",
  line: number,
  why: string,
): DfuError => new DfuError(code, `line ${line}: ${why}`);

/** Value of a hexadecimal digit by its character code; -1 for others. Files have millions of them: no strings in between. */
function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const small = code | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}

/** The bytes that a record spells in hexadecimal after its first `skip` characters. */
export function hexBytes({ number, text }: TextLine, skip: number): Uint8Array {
  const digits = text.length - skip;
  if (digits % 2 !== 0) {
    throw refuseLine(
      "image.truncated",
      number,
      `got ${digits} hexadecimal digits, expected an even number`,
    );
  }
  const bytes = new Uint8Array(digits / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const at = skip + 2 * index;
    const high = digit(text.charCodeAt(at));
    const low = digit(text.charCodeAt(at + 1));
    if (high < 0 || low < 0) {
      throw refuseLine(
        "image.format",
        number,
        `${excerpt(text)} has other than hexadecimal digits`,
      );
    }
    bytes[index] = high * 16 + low;
  }
  return bytes;
}

export const sumOf = (bytes: Uint8Array): number => {
  let sum = 0;
  for (const byte of bytes) sum = (sum + byte) & 0xff;
  return sum;
};

export const hexByte = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;

/** Big-endian number of 1 to 4 bytes. */
export const numberOf = (bytes: Uint8Array): number => {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
};

export interface Collector {
  readonly add: (address: number, data: Uint8Array) => void;
  readonly segments: () => readonly Segment[];
}

/**
 * Gathers the data of records. Records that follow each other in memory share one segment over one buffer, so what is held is
 * in proportion to the file and never to the addresses it names.
 */
export function collectRecords(fileBytes: number): Collector {
  // Two digits a byte: the data of a text file is never more than half of it.
  const store = new Uint8Array(fileBytes >>> 1);
  const runs: { readonly address: number; readonly from: number; to: number }[] = [];
  let used = 0;
  return {
    add(address, data) {
      if (data.length === 0) return;
      store.set(data, used);
      const last = runs.at(-1);
      if (last !== undefined && last.address + (last.to - last.from) === address) {
        last.to += data.length;
      } else {
        runs.push({ address, from: used, to: used + data.length });
      }
      used += data.length;
    },
    segments: () =>
      runs.map(({ address, from, to }) => ({ address, data: store.subarray(from, to) })),
  };
}

const DIGITS = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, "0"),
);

export const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => DIGITS[byte] ?? "").join("");

/** Lines as a file. */
export function fileOfLines(lines: readonly string[]): Uint8Array {
  const text = `${lines.join("\n")}\n`;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
