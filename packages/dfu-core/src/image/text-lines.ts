/** One line of a text file that carries records. */
export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  /** Without blanks around it. */
  readonly text: string;
}

/** How far recognition looks. */
const PROBE_BYTES = 4096;
const LF = 0x0a;
const CR = 0x0d;
/** End of text on CP/M and DOS; some tools still put it at the end of the file. */
const SUB = 0x1a;

const isText = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === LF || byte === CR || byte === SUB;

/**
 * Non-blank lines, ended by LF, CR LF or CR. Only the line being looked at is a string, so that a file of 100 MB does not
 * become one.
 */
export function* textLines(bytes: Uint8Array): Generator<TextLine> {
  let number = 0;
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end += 1;
    number += 1;
    const text = asciiOf(bytes.subarray(at, end)).trim();
    if (text !== "" && text !== "\x1a") yield { number, text };
    at = bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1;
  }
}

/**
 * True when the file begins as text and one of its first lines is a whole record. Not only the very first line counts:
 * a file whose first line is damaged must be refused as what it is, and not be flashed as raw bytes.
 */
export function looksLikeRecords(bytes: Uint8Array, record: RegExp): boolean {
  const probe = bytes.subarray(0, PROBE_BYTES);
  const nonText = probe.findIndex((byte) => !isText(byte));
  const head = nonText < 0 ? probe : probe.subarray(0, nonText);
  for (const { text } of textLines(head)) if (record.test(text)) return true;
  return false;
}

const CHUNK = 4096;

/** Each byte as one character; lines of any length. */
export function asciiOf(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return text;
}

/** The text with "?" for everything that is not printable ASCII: a file's title must not control a terminal. */
export const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?");

/** A piece of a damaged line for a message. */
export const excerpt = (text: string): string =>
  JSON.stringify(printable(text.length > 24 ? `${text.slice(0, 24)}...` : text));
