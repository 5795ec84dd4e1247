export const UNTRUSTED = "untrusted comment: ";
export const TRUSTED = "trusted comment: ";

/** Lines of a minisign file; the one line end at its close does not count. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/**
 * Bytes of canonical base64, or undefined. Node's decoder skips what it does not know, so that many texts would stand for
 * one signature; here the encoding must be the one that an encoder writes.
 */
export function strictBase64(text: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === length && bytes.toString("base64") === text ? bytes : undefined;
}

/** minisign prints the eight bytes of a key id as one little-endian number in hexadecimal. */
export function keyIdText(id: Uint8Array): string {
  return Buffer.from(id).reverse().toString("hex").toUpperCase();
}

export function keyIdBytes(keyId: string): Buffer {
  return Buffer.from(keyId, "hex").reverse();
}
