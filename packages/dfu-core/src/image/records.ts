import { DfuError } from "../errors.ts";
import type { Segment } from "./image.ts";
import { excerpt, type TextLine } from "./text-lines.ts";

/** "line 12: why" */
export const refuseLine = (
  code: "image.format" | "image.truncated" | "image.crc" | "image.overlap",
  line: number,
  why: string,
): DfuError => new DfuError(code, `line ${line}: ${why}`);

const HEX_PAIRS = /^(?:[0-9a-f]{2})*$/i;

/** The bytes that a record spells in hexadecimal after its first `skip` characters. */
export function hexBytes({ number, text }: TextLine, skip: number): Uint8Array {
  const digits = text.slice(skip);
  if (digits.length % 2 !== 0) {
    throw refuseLine(
      "image.truncated",
      number,
      `got ${digits.length} hexadecimal digits, expected an even number`,
    );
  }
  if (!HEX_PAIRS.test(digits)) {
    throw refuseLine("image.format", number, `${excerpt(text)} has other than hexadecimal digits`);
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
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
