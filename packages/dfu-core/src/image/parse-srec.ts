import type { Image } from "./image.ts";
import {
  type Collector,
  collectRecords,
  hexByte,
  hexBytes,
  numberOf,
  refuseLine,
  sumOf,
} from "./records.ts";
import { END_OF_MEMORY, mergeSegments } from "./segments.ts";
import {
  asciiOf,
  excerpt,
  looksLikeRecords,
  printable,
  type TextLine,
  textLines,
} from "./text-lines.ts";

/** Bytes of the address field by record type; S4 is reserved. Motorola, "M68000 Family Programmer's Reference", appendix C. */
const ADDRESS_BYTES: Readonly<Record<string, number>> = {
  S0: 2,
  S1: 2,
  S2: 3,
  S3: 4,
  S5: 2,
  S6: 3,
  S7: 4,
  S8: 3,
  S9: 2,
};

/** True when one of the first lines is an S-record. */
export const isSrec = (bytes: Uint8Array): boolean =>
  looksLikeRecords(bytes, /^S[0-9][0-9a-f]{6,}$/i);

interface State {
  readonly collector: Collector;
  records: number;
  /** Address bytes of the data records and of the terminator. */
  readonly widths: Set<number>;
  title: string | undefined;
  entry: number;
  endLine: number | undefined;
}

/**
 * Reads an S-record file. Every record's length and checksum and the count of S5 and S6 are checked; the error names the line.
 * A file without its S7, S8 or S9 is `image.truncated`, and one that goes on behind it is refused.
 */
export function parseSrec(bytes: Uint8Array): Image {
  const state: State = {
    collector: collectRecords(bytes.length),
    records: 0,
    widths: new Set(),
    title: undefined,
    entry: 0,
    endLine: undefined,
  };
  let lines = 0;
  for (const line of textLines(bytes)) {
    lines = line.number;
    if (state.endLine !== undefined) {
      throw refuseLine(
        "image.format",
        line.number,
        `there is more behind the last record on line ${state.endLine}`,
      );
    }
    readRecord(line, state);
  }
  if (state.endLine === undefined) {
    throw refuseLine("image.truncated", lines, "the file ends without its S7, S8 or S9 record");
  }
  const { title, entry } = state;
  const { segments, bytes: size, warnings } = mergeSegments(state.collector.segments());
  return {
    format: "srec",
    segments,
    bytes: size,
    warnings: [...mixedWidths(state.widths), ...warnings],
    ...(entry === 0 ? {} : { entry }),
    ...(title === undefined || title === "" ? {} : { title }),
  };
}

/** No checksum covers the type, so a damaged one changes address and data; a mixture is its only sign. */
function mixedWidths(widths: ReadonlySet<number>): readonly string[] {
  if (widths.size < 2) return [];
  const bits = [...widths].sort((a, b) => a - b).map((bytes) => bytes * 8);
  return [`the records have different address widths: ${bits.join(", ")} bit`];
}

function readRecord(line: TextLine, state: State): void {
  const { number } = line;
  const type = line.text.slice(0, 2).toUpperCase();
  const addressBytes = ADDRESS_BYTES[type];
  if (addressBytes === undefined) {
    throw refuseLine(
      "image.format",
      number,
      `got ${excerpt(line.text)}, expected a record S0 to S3 or S5 to S9`,
    );
  }
  const record = checkedRecord(line, addressBytes);
  const address = numberOf(record.subarray(1, 1 + addressBytes));
  const data = record.subarray(1 + addressBytes, -1);
  switch (type) {
    case "S0":
      state.title ??= printable(asciiOf(data).replace(/\0+$/, "")).trim();
      return;
    case "S1":
    case "S2":
    case "S3":
      if (address + data.length > END_OF_MEMORY) {
        throw refuseLine("image.format", number, "data reaches beyond 4 GiB");
      }
      state.records += 1;
      state.widths.add(addressBytes);
      state.collector.add(address, data);
      return;
    case "S5":
    case "S6":
      if (address !== state.records) {
        throw refuseLine(
          "image.truncated",
          number,
          `${type} counts ${address} data records, the file has ${state.records} before it`,
        );
      }
      return;
    default:
      state.widths.add(addressBytes);
      state.entry = address;
      state.endLine = number;
  }
}

/** Count, address, data and checksum of a record, found right. */
function checkedRecord(line: TextLine, addressBytes: number): Uint8Array {
  const { number } = line;
  const record = hexBytes(line, 2);
  const announced = (record[0] ?? 0) + 1;
  const least = addressBytes + 2;
  if (record.length !== announced || announced < least) {
    throw refuseLine(
      record.length < Math.max(announced, least) ? "image.truncated" : "image.format",
      number,
      `the record has ${record.length} bytes, its count says ${announced} and at least ${least} are needed`,
    );
  }
  const got = record.at(-1) ?? 0;
  const expected = ~sumOf(record.subarray(0, -1)) & 0xff;
  if (got !== expected) {
    throw refuseLine(
      "image.crc",
      number,
      `checksum ${hexByte(got)}, the record gives ${hexByte(expected)}`,
    );
  }
  return record;
}
