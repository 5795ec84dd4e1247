import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { FlashlineError } from "@flashline/contract";
import { makeFolder, moveDurably } from "@flashline/durable-files";
import { newId } from "../ids.ts";

/** Bytes kept under their own SHA-256; what is there never changes. */
export interface BlobStore {
  /** Hashes while it writes; appears whole or not at all. Rejects with `request.too_large` past `limit` bytes. */
  put(bytes: AsyncIterable<Uint8Array>, limit: number): Promise<{ sha256: string; size: number }>;
  /** Undefined when there is no such blob. */
  read(sha256: string): Promise<Buffer | undefined>;
  open(sha256: string): Promise<{ stream: Readable; size: number } | undefined>;
}

/** An upload that a crash cut off. Another replica may be in the middle of a younger one. Milliseconds. */
const ABANDONED_MS = 24 * 3_600_000;

/** The umask says who may look in. */
const FOLDER_MODE = 0o777;

async function forgetAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}

const missing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

/** Blobs as files `folder/ab/ab12…`, on the same file system as their temporary files. */
export async function openFileBlobs(folder: string): Promise<BlobStore> {
  const incoming = path.join(folder, "incoming");
  await makeFolder(incoming, FOLDER_MODE);
  await forgetAbandoned(incoming);
  const fileOf = (sha256: string) => path.join(folder, sha256.slice(0, 2), sha256);
  return {
    async put(bytes, limit) {
      const temporary = path.join(incoming, newId());
      const hash = createHash("sha256");
      let size = 0;
      const file = await open(temporary, "wx", 0o640);
      try {
        for await (const chunk of bytes) {
          size += chunk.length;
          if (size > limit) {
            throw new FlashlineError("request.too_large", `An image has at most ${limit} bytes.`);
          }
          hash.update(chunk);
          await file.write(chunk);
        }
        await file.sync();
        await file.close();
        const sha256 = hash.digest("hex");
        await makeFolder(path.dirname(fileOf(sha256)), FOLDER_MODE);
        await moveDurably(temporary, fileOf(sha256));
        return { sha256, size };
      } catch (error) {
        await file.close().catch(() => undefined);
        await rm(temporary, { force: true });
        throw error;
      }
    },
    async read(sha256) {
      try {
        return await readFile(fileOf(sha256));
      } catch (error) {
        if (missing(error)) return undefined;
        throw error;
      }
    },
    async open(sha256) {
      try {
        const { size } = await stat(fileOf(sha256));
        return { stream: createReadStream(fileOf(sha256)), size };
      } catch (error) {
        if (missing(error)) return undefined;
        throw error;
      }
    },
  };
}
