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
import { excerpt, looksLikeRecords, type TextLine, textLines } from "./text-lines.ts";

/** Intel, "Hexadecimal Object File Format Specification", revision A (1988). */
export const HexType = {
  Data: 0,
  EndOfFile: 1,
  ExtendedSegment: 2,
  StartSegment: 3,
  ExtendedLinear: 4,
  StartLinear: 5,
} as const;

/** Length of the data field where the type fixes it. */
const FIXED_LENGTH: Readonly<Record<number, number>> = { 1: 0, 2: 2, 3: 4, 4: 2, 5: 4 };
/** Length, address (2), type and checksum around the data. */
const OVERHEAD = 5;
const SEGMENT_SIZE = 0x1_0000;

/** True when one of the first lines is an Intel HEX record. */
export const isHex = (bytes: Uint8Array): boolean => looksLikeRecords(bytes, /^:[0-9a-f]{10,}$/i);

interface State {
  readonly collector: Collector;
  readonly warnings: string[];
  base: number;
  /** 16-bit addresses that end at 64 KiB; only after a type 04 record an address may run on. */
  linear: boolean;
  entry: number | undefined;
  endLine: number | undefined;
}

/**
 * Reads an Intel HEX file, types 00 to 05. Every record is checked; the error names its line. A file without its end-of-file
 * record is `image.truncated`, and one that goes on behind it (two files put together) is refused, because half of it would
 * be left out.
 */
export function parseHex(bytes: Uint8Array): Image {
  const state: State = {
    collector: collectRecords(bytes.length),
    warnings: [],
    base: 0,
    linear: false,
    entry: undefined,
    endLine: undefined,
  };
  let lines = 0;
  for (const line of textLines(bytes)) {
    lines = line.number;
    if (state.endLine !== undefined) {
      throw refuseLine(
        "image.format",
        line.number,
        `there is more behind the end-of-file record on line ${state.endLine}`,
      );
    }
    readRecord(line, state);
  }
  if (state.endLine === undefined) {
    throw refuseLine("image.truncated", lines, "the file ends without its end-of-file record");
  }
  const { segments, bytes: size, warnings } = mergeSegments(state.collector.segments());
  const { entry } = state;
  return {
    format: "hex",
    segments,
    bytes: size,
    ...(entry === undefined || entry === 0 ? {} : { entry }),
    warnings: [...state.warnings, ...warnings],
  };
}

function readRecord(line: TextLine, state: State): void {
  const { number } = line;
  const record = checkedRecord(line);
  const offset = numberOf(record.subarray(1, 3));
  const type = record[3] ?? 0;
  const data = record.subarray(4, -1);
  const expected = FIXED_LENGTH[type];
  if (expected !== undefined && data.length !== expected) {
    throw refuseLine(
      "image.format",
      number,
      `a type 0${type} record with ${data.length} data bytes, expected ${expected}`,
    );
  }
  switch (type) {
    case HexType.Data:
      addData(number, offset, data, state);
      return;
    case HexType.EndOfFile:
      state.endLine = number;
      return;
    case HexType.ExtendedSegment:
      state.base = numberOf(data) * 16;
      state.linear = false;
      return;
    case HexType.ExtendedLinear:
      state.base = numberOf(data) * SEGMENT_SIZE;
      state.linear = true;
      return;
    case HexType.StartSegment:
      setEntry(numberOf(data.subarray(0, 2)) * 16 + numberOf(data.subarray(2)), number, state);
      return;
    case HexType.StartLinear:
      setEntry(numberOf(data), number, state);
      return;
    default:
      throw refuseLine("image.format", number, `record type ${type}, expected 0 to 5`);
  }
}

/** All bytes of a record, with its length and checksum found right. */
function checkedRecord(line: TextLine): Uint8Array {
  const { number, text } = line;
  if (!text.startsWith(":")) {
    throw refuseLine("image.format", number, `got ${excerpt(text)}, expected a record with ":"`);
  }
  const record = hexBytes(line, 1);
  const announced = (record[0] ?? 0) + OVERHEAD;
  if (record.length < OVERHEAD || record.length !== announced) {
    throw refuseLine(
      record.length < announced ? "image.truncated" : "image.format",
      number,
      `the record has ${record.length} bytes, expected ${announced}`,
    );
  }
  if (sumOf(record) !== 0) {
    const got = record.at(-1) ?? 0;
    throw refuseLine(
      "image.crc",
      number,
      `checksum ${hexByte(got)}, the record gives ${hexByte((got - sumOf(record)) & 0xff)}`,
    );
  }
  return record;
}

function addData(line: number, offset: number, data: Uint8Array, state: State): void {
  const { base, linear, collector } = state;
  if (!linear && offset + data.length > SEGMENT_SIZE) {
    throw refuseLine(
      "image.format",
      line,
      `${data.length} bytes at offset 0x${offset.toString(16)} run over the end of their 64 KiB segment; tools disagree on where they go`,
    );
  }
  if (base + offset + data.length > END_OF_MEMORY) {
    throw refuseLine("image.format", line, "data reaches beyond 4 GiB");
  }
  collector.add(base + offset, data);
}

function setEntry(entry: number, line: number, state: State): void {
  if (state.entry !== undefined && state.entry !== entry) {
    state.warnings.push(`line ${line} names another start address than a line before it`);
  }
  state.entry = entry;
}
