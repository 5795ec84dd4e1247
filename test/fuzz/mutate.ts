import { crc32 } from "node:zlib";
import { suffixCrc } from "@flashline/dfu-core/image";

/** Small and fast, and the same on every machine: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 … below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, limit);
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)];
  }
}

/** Numbers at which sizes and counts go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
export const LONGEST_INPUT = 4096;

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const spliced = (bytes: Uint8Array, from: number, to: number, middle: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(from + middle.length + bytes.length - to);
  joined.set(bytes.subarray(0, from));
  joined.set(middle, from);
  joined.set(bytes.subarray(to), from + middle.length);
  return joined;
};

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  if (at < bytes.length) bytes[at] = random.below(256);
  return bytes;
};

const setNumber: Mutation = (bytes, random) => {
  const width = random.pick([1, 2, 4]) ?? 1;
  if (bytes.length < width) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = random.below(bytes.length - width + 1);
  const value = (random.pick(EDGES) ?? 0) + random.below(3) - 1;
  if (width === 1) view.setUint8(at, value & 0xff);
  else if (width === 2) view.setUint16(at, value & 0xffff, random.below(2) === 0);
  else view.setUint32(at, value >>> 0, random.below(2) === 0);
  return bytes;
};

/** A digit stays a digit, so that text formats get past their grammar. */
const setDigit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  if (at < bytes.length) bytes[at] = "0123456789ABCDEF".charCodeAt(random.below(16));
  return bytes;
};

const remove: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  return spliced(
    bytes,
    from,
    Math.min(bytes.length, from + 1 + random.below(16)),
    new Uint8Array(0),
  );
};

const repeat: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  const piece = bytes.slice(from, from + 1 + random.below(64));
  return spliced(bytes, from, from, piece);
};

const insert: Mutation = (bytes, random, others) => {
  const from = random.below(bytes.length + 1);
  const other = random.pick(others) ?? new Uint8Array(1);
  const start = other.length > 64 ? random.below(other.length) : 0;
  return spliced(bytes, from, from, other.slice(start, start + 64));
};

const cross: Mutation = (bytes, random, others) => {
  const other = random.pick(others) ?? bytes;
  const from = random.below(bytes.length);
  return spliced(bytes, from, bytes.length, other.slice(random.below(other.length)));
};

/** A right checksum at the end of a DFU file, else every change would end at the CRC; sometimes a whole new end. */
const fixSuffix: Mutation = (bytes, random) => {
  if (bytes.length < 16) return bytes;
  if (random.below(4) === 0) bytes.set([0x55, 0x46, 0x44, 16], bytes.length - 8);
  const crc = suffixCrc(bytes.subarray(0, bytes.length - 4));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length - 4, crc, true);
  return bytes;
};

/** Right checksums in every line of a file of records, and right lengths in half of the cases. */
const fixRecords: Mutation = (bytes, random) => {
  const lengths = random.below(2) === 0;
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const fixed = lines.map((line) => {
    const match = /^(:|S[0-9])((?:[0-9a-f]{2}){4,})$/i.exec(line.trim());
    if (match === null) return line;
    const [, mark = "", digits = ""] = match;
    const record = Buffer.from(digits, "hex");
    if (lengths) record[0] = mark === ":" ? record.length - 5 : record.length - 1;
    const sum = record.subarray(0, -1).reduce((all, byte) => all + byte, 0);
    record[record.length - 1] = (mark === ":" ? -sum : ~sum) & 0xff;
    return `${mark}${record.toString("hex")}`;
  });
  return new Uint8Array(Buffer.from(fixed.join("\n"), "latin1"));
};

/** Right checksums in every line of a journal. */
const fixLines: Mutation = (bytes) => {
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const fixed = lines.map((line) => {
    const content = Buffer.from(line.slice(9), "latin1");
    if (!/^[0-9a-f]{8} /.test(line)) return line;
    return `${crc32(content).toString(16).padStart(8, "0")} ${line.slice(9)}`;
  });
  return new Uint8Array(Buffer.from(fixed.join("\n"), "latin1"));
};

const MUTATIONS = [flipBit, setByte, setNumber, setDigit, remove, repeat, insert, cross];

/** A changed copy of at most {@link LONGEST_INPUT} bytes. */
export function mutate(
  input: Uint8Array,
  random: Random,
  others: readonly Uint8Array[],
): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let left = 1 + random.below(5); left > 0; left -= 1) {
    bytes = (random.pick(MUTATIONS) ?? flipBit)(bytes, random, others);
  }
  const fix = random.below(4);
  if (fix === 0) bytes = fixSuffix(bytes, random, others);
  if (fix === 1) bytes = fixRecords(bytes, random, others);
  if (fix === 2) bytes = fixLines(bytes, random, others);
  return bytes.length > LONGEST_INPUT ? bytes.slice(0, LONGEST_INPUT) : bytes;
}
