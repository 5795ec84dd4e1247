import { FlashlineError } from "@flashline/contract";

/** An entry of an archive: a folder, or a file whose bytes come next. */
export interface TarEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  /** Bytes. */
  readonly size: number;
}

/** POSIX.1-1988 (ustar): blocks of 512 bytes; a header for each entry, its bytes filled up to a block, two empty blocks at the end. */
export const BLOCK = 512;

const invalid = (what: string): FlashlineError =>
  new FlashlineError("update.archive_invalid", what);

const textOf = (bytes: Buffer): string => {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
};

function numberOf(bytes: Buffer): number {
  const text = textOf(bytes).trim();
  // Sizes that do not fit are written in another way, which a bundle does not need.
  if (!/^[0-7]{1,11}$/.test(text)) throw invalid("A number in it cannot be read.");
  return Number.parseInt(text, 8);
}

/** Only what stays within the archive's own folder, whatever the system makes of a path. */
function checkPath(path: string): string {
  const parts = path.split("/");
  const isPlain = /^[\w@.+/-]{1,240}$/.test(path) && parts[0] === "app";
  if (!isPlain || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw invalid(`It holds ${JSON.stringify(path)}.`);
  }
  return path;
}

/**
 * One header. Undefined at the archive's end.
 * @throws FlashlineError `update.archive_invalid` for links, devices and whatever else is neither a file nor a folder
 */
export function readHeader(block: Buffer): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const sum = numberOf(block.subarray(148, 156));
  const blank = Buffer.from(block);
  blank.fill(0x20, 148, 156);
  if (blank.reduce((all, byte) => all + byte, 0) !== sum) throw invalid("A header is damaged.");
  if (textOf(block.subarray(257, 263)) !== "ustar") throw invalid("It is no ustar archive.");
  const prefix = textOf(block.subarray(345, 500));
  const name = textOf(block.subarray(0, 100));
  const path = checkPath((prefix === "" ? name : `${prefix}/${name}`).replace(/\/$/, ""));
  const size = numberOf(block.subarray(124, 136));
  const type = String.fromCharCode(block[156] ?? 0);
  if (type === "0" || type === "\0") return { path, kind: "file", size };
  if (type === "5" && size === 0) return { path, kind: "folder", size };
  throw invalid(`${path} is neither a file nor a folder.`);
}
