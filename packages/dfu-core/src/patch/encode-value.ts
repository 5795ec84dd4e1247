import { DfuError } from "../errors.ts";
import type {
  BcdField,
  BytesField,
  PatchValue,
  TextField,
  UintField,
  ValueField,
} from "./field.ts";

/**
 * A value as the bytes of its field. Throws `image.patch_value`; the message never has the value itself, and of a secret
 * field not even what is wrong with it, because a length or a character is part of a secret.
 */
export function encodeValue(field: ValueField, value: PatchValue): Uint8Array {
  switch (field.kind) {
    case "text":
      return encodeText(field, value);
    case "uint":
      return encodeUint(field, value);
    case "bcd":
      return encodeBcd(field, value);
    case "bytes":
      return encodeBytes(field, value);
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

const refuse = (field: ValueField, why: string): DfuError =>
  new DfuError(
    "image.patch_value",
    field.secret === true
      ? `the value of the secret field ${field.name} is no ${field.kind} value of ${field.length} bytes`
      : `field ${field.name}: ${why}`,
    { address: field.address },
  );

function encodeText(field: TextField, value: PatchValue): Uint8Array {
  if (typeof value !== "string") throw refuse(field, "expected text");
  const bytes = textBytes(field, value);
  if (bytes.length > field.length) {
    throw refuse(field, `the text has ${bytes.length} bytes, at most ${field.length} fit`);
  }
  const content = new Uint8Array(field.length).fill(field.padding ?? 0);
  content.set(bytes);
  return content;
}

function textBytes(field: TextField, text: string): Uint8Array {
  switch (field.encoding ?? "ascii") {
    case "ascii":
      if (!/^[\x20-\x7e]*$/.test(text)) throw refuse(field, "expected printable ASCII");
      return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    case "utf8":
      if (LONE_SURROGATE.test(text)) throw refuse(field, "the text has half a surrogate pair");
      return utf8(text);
    case "utf16le": {
      if (LONE_SURROGATE.test(text)) throw refuse(field, "the text has half a surrogate pair");
      const bytes = new Uint8Array(text.length * 2);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), true);
      return bytes;
    }
  }
}

/** RFC 3629, section 3. Written out because this package uses nothing but the language. */
function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    const tail = (shift: number) => 0x80 | ((code >>> shift) & 0x3f);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >>> 6), tail(0));
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >>> 12), tail(6), tail(0));
    else bytes.push(0xf0 | (code >>> 18), tail(12), tail(6), tail(0));
  }
  return Uint8Array.from(bytes);
}

function encodeUint(field: UintField, value: PatchValue): Uint8Array {
  let rest = wholeNumber(value);
  if (rest === undefined) throw refuse(field, "expected a whole number, decimal or with 0x");
  if (rest >= 1n << BigInt(8 * field.length)) {
    throw refuse(field, `the number does not fit into ${field.length} bytes`);
  }
  const bytes = new Uint8Array(field.length);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return (field.endian ?? "little") === "little" ? bytes : bytes.reverse();
}

function wholeNumber(value: PatchValue): bigint | undefined {
  if (typeof value === "bigint") return value >= 0n ? value : undefined;
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  }
  // 24 digits are more than 8 bytes need and keep a long text from becoming a long number.
  if (typeof value !== "string" || !/^(\d{1,24}|0x[0-9a-f]{1,24})$/i.test(value)) return undefined;
  return BigInt(value);
}

function encodeBcd(field: BcdField, value: PatchValue): Uint8Array {
  if (value instanceof Uint8Array) throw refuse(field, "expected decimal digits");
  const digits = String(value);
  if (!/^\d+$/.test(digits)) throw refuse(field, "expected decimal digits");
  if (digits.length > 2 * field.length) {
    throw refuse(field, `${digits.length} digits, at most ${2 * field.length} fit`);
  }
  const bytes = fromHex(digits.padStart(2 * field.length, "0"));
  return (field.endian ?? "big") === "big" ? bytes : bytes.reverse();
}

function encodeBytes(field: BytesField, value: PatchValue): Uint8Array {
  const bytes = givenBytes(value);
  if (bytes === undefined) throw refuse(field, "expected bytes in hexadecimal");
  const { padding } = field;
  if (bytes.length > field.length || (padding === undefined && bytes.length < field.length)) {
    const wanted = padding === undefined ? `${field.length}` : `at most ${field.length}`;
    throw refuse(field, `the value has ${bytes.length} bytes, expected ${wanted}`);
  }
  const content = new Uint8Array(field.length).fill(padding ?? 0);
  content.set((field.endian ?? "big") === "big" ? bytes : bytes.slice().reverse());
  return content;
}

function givenBytes(value: PatchValue): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return /^(?:[0-9a-f]{2}(?:[:\- ]?[0-9a-f]{2})*)?$/i.test(text)
    ? fromHex(text.replace(/[:\- ]/g, ""))
    : undefined;
}

const fromHex = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
