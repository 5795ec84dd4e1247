import type { Image } from "./image.ts";
import { fileOfLines, hexText, sumOf } from "./records.ts";
import { printable } from "./text-lines.ts";

const LINE_BYTES = 16;
/** The most that S6 can count. */
const MOST_COUNTED = 0xff_ffff;
const LONGEST_TITLE = 64;

/** Data record, terminator and address bytes, by the highest address of the file. */
function typesFor(highest: number): readonly [data: string, end: string, addressBytes: number] {
  if (highest <= 0xffff) return ["S1", "S9", 2];
  return highest <= 0xff_ffff ? ["S2", "S8", 3] : ["S3", "S7", 4];
}

/** An S-record file of one record width, with the title in S0 and the count in S5 or S6. */
export function encodeSrec(image: Pick<Image, "segments" | "entry" | "title">): Uint8Array {
  const last = image.segments.at(-1);
  const entry = image.entry ?? 0;
  const end = last === undefined ? 0 : last.address + last.data.length - 1;
  const [dataType, endType, addressBytes] = typesFor(Math.max(end, entry));
  const title = printable(image.title ?? "").slice(0, LONGEST_TITLE);
  const lines = [
    record(
      "S0",
      2,
      0,
      Array.from(title, (letter) => letter.charCodeAt(0)),
    ),
  ];
  let count = 0;
  for (const { address, data } of image.segments) {
    for (let at = 0; at < data.length; at += LINE_BYTES) {
      const part = data.subarray(at, at + LINE_BYTES);
      lines.push(record(dataType, addressBytes, address + at, part));
      count += 1;
    }
  }
  if (count <= 0xffff) lines.push(record("S5", 2, count, []));
  else if (count <= MOST_COUNTED) lines.push(record("S6", 3, count, []));
  lines.push(record(endType, addressBytes, entry, []));
  return fileOfLines(lines);
}

function record(
  type: string,
  addressBytes: number,
  address: number,
  data: ArrayLike<number>,
): string {
  const bytes = new Uint8Array(1 + addressBytes + data.length + 1);
  bytes[0] = addressBytes + data.length + 1;
  for (let index = 0; index < addressBytes; index += 1) {
    bytes[1 + index] = (address >>> (8 * (addressBytes - 1 - index))) & 0xff;
  }
  bytes.set(data, 1 + addressBytes);
  bytes[bytes.length - 1] = ~sumOf(bytes) & 0xff;
  return `${type}${hexText(bytes)}`;
}
