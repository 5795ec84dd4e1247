import { crc32 } from "node:zlib";
import { JournalEntry } from "./entry.ts";

/**
 * The format of the journal's lines. It counts up with a change that a version before it could not read: an update between such versions is
 * refused, because neither could go on with the other's journal.
 */
export const JOURNAL_FORMAT = 1;

/** `crc32 json\n`: the checksum is of the JSON's UTF-8 bytes, eight hexadecimal digits. */
export function encodeLine(entry: JournalEntry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

/** The entry of one line without its line feed; undefined when the line is not whole. Never throws. */
function decodeLine(line: string): JournalEntry | undefined {
  const json = line.slice(9);
  if (line[8] !== " " || line.slice(0, 8) !== checksum(json)) return undefined;
  try {
    const parsed = JournalEntry.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export interface DecodedJournal {
  readonly entries: readonly JournalEntry[];
  /** Bytes up to the end of the last whole line: appending continues here. */
  readonly wholeBytes: number;
  /** Lines that are damaged although whole ones follow: not a torn tail, something changed the file. */
  readonly damaged: number;
  /** True when bytes after the last whole line were left out. */
  readonly torn: boolean;
}

/** Reads the whole lines. A crash while appending leaves a torn last line, which is normal. Damage before it is not normal. */
export function decodeJournal(bytes: Uint8Array): DecodedJournal {
  const entries: JournalEntry[] = [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let wholeBytes = 0;
  let damaged = 0;
  let pending = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(0x0a, start);
    const entry = end < 0 ? undefined : decodeLine(text.toString("utf8", start, end));
    start = end < 0 ? text.length : end + 1;
    if (entry === undefined) {
      pending++;
      continue;
    }
    entries.push(entry);
    damaged += pending;
    pending = 0;
    wholeBytes = start;
  }
  return { entries, wholeBytes, damaged, torn: wholeBytes < text.length };
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}
