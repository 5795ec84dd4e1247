import { open } from "node:fs/promises";
import { Refusal } from "../refusal.ts";
import { systemErrorReason } from "../system-error.ts";
import { sizeText } from "../terminal/units.ts";

/** Far beyond any unit's memory, also as text; a device like /dev/zero would never end. */
const MOST_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** The whole of a file or pipe. Throws a Refusal where it cannot be read, or is longer than `most` bytes. */
export async function readInput(file: string, most = MOST_BYTES): Promise<Uint8Array> {
  const refuse = (why: string, cause?: unknown) =>
    new Refusal("usage.argument", `${file}: ${why}.`, { cause });
  try {
    const handle = await open(file, "r");
    try {
      const chunks: Uint8Array[] = [];
      for (let length = 0; ; ) {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES));
        if (bytesRead === 0) return Buffer.concat(chunks);
        chunks.push(buffer.subarray(0, bytesRead));
        length += bytesRead;
        if (length > most) throw refuse(`more than ${sizeText(most)} are not read`);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = systemErrorReason(error);
    throw reason === undefined ? error : refuse(reason, error);
  }
}
