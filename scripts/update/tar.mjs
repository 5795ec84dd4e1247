// A tar archive (ustar) of plain files, always the same bytes for the same files.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const BLOCK = 512;

/**
 * Packs the files below `folder` under `name/`.
 * @param {number} epoch seconds since 1970 for every file
 * @returns {Promise<{ bytes: Buffer, unpacked: number, files: number }>}
 */
export async function tarOf(folder, name, epoch) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const parts = [];
  let unpacked = 0;
  for (const path of files) {
    const content = await readFile(join(folder, path));
    unpacked += content.length;
    parts.push(header(`${name}/${path}`, content.length, epoch), content);
    parts.push(Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  const bytes = gzipSync(Buffer.concat(parts), { level: 9 });
  // The system that packs it stands in the header (RFC 1952): the same everywhere.
  bytes[9] = 255;
  return { bytes, unpacked, files: files.length };
}

/** POSIX.1-1988: names of up to 100 bytes, with up to 155 before them. */
export function header(path, size, epoch, type = "0") {
  const block = Buffer.alloc(BLOCK);
  const cut = path.length <= 100 ? 0 : path.indexOf("/", path.length - 101) + 1;
  const [prefix, name] = cut === 0 ? ["", path] : [path.slice(0, cut - 1), path.slice(cut)];
  if (prefix.length > 155 || name.length > 100 || name === "") {
    throw new Error(`${path} is too long for an archive`);
  }
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  block.write(name, 0, "latin1");
  block.write(octal(0o644, 7), 100, "latin1");
  block.write(octal(0, 7), 108, "latin1");
  block.write(octal(0, 7), 116, "latin1");
  block.write(octal(size, 11), 124, "latin1");
  block.write(octal(epoch, 11), 136, "latin1");
  block.write(type, 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  block.write(prefix, 345, "latin1");
  block.fill(0x20, 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
