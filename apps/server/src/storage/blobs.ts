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
  /** Takes a whole file of the same file system, whose digest the caller has worked out; one that is there already stays. */
  adopt(file: string, sha256: string): Promise<void>;
  /** In bytes; undefined when there is no such blob. */
  size(sha256: string): Promise<number | undefined>;
  read(sha256: string): Promise<Buffer | undefined>;
  open(sha256: string): Promise<{ stream: Readable; size: number } | undefined>;
}

/**
 * An image that the database knows and this server's folder lacks: another replica took it, and they share no folder, or the
 * folder is not there yet. It may be there a moment later, so that nothing is refused for good because of it.
 */
export const imageElsewhere = (sha256: string): FlashlineError =>
  new FlashlineError(
    "server.unavailable",
    `Image ${sha256} was uploaded, but this server's folder lacks it. Replicas must share FLASHLINE_DATA/images.`,
    { parameters: { sha256 } },
  );

/** An upload that a crash cut off. Another replica may be in the middle of a younger one. Milliseconds. */
const ABANDONED_MS = 24 * 3_600_000;

/** The umask says who may look in. */
export const FOLDER_MODE = 0o777;

export function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

async function forgetAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    // Another replica's, stored since it was listed.
    const found = await stat(file).catch(ignoreMissing);
    if (found === undefined || Date.now() - found.mtimeMs <= ABANDONED_MS) continue;
    await rm(file, { force: true });
  }
}

/** Where a blob lies in its folder. */
export const blobPath = (sha256: string): string => path.join(sha256.slice(0, 2), sha256);

/** Blobs as files `folder/ab/ab12…`, on the same file system as their temporary files. */
export async function openFileBlobs(folder: string): Promise<BlobStore> {
  const incoming = path.join(folder, "incoming");
  await makeFolder(incoming, FOLDER_MODE);
  await forgetAbandoned(incoming);
  const fileOf = (sha256: string) => path.join(folder, blobPath(sha256));
  async function adopt(file: string, sha256: string): Promise<void> {
    await makeFolder(path.dirname(fileOf(sha256)), FOLDER_MODE);
    await moveDurably(file, fileOf(sha256));
  }
  return {
    adopt,
    async put(bytes, limit) {
      const temporary = path.join(incoming, newId());
      const hash = createHash("sha256");
      let size = 0;
      const file = await open(temporary, "wx", 0o640);
      try {
        for await (const chunk of bytes) {
          size += chunk.length;
          if (size > limit) {
            throw new FlashlineError("request.too_large", `An image has at most ${limit} bytes.`, {
              parameters: { limit },
            });
          }
          hash.update(chunk);
          // Not write(), which may write a part.
          await file.writeFile(chunk);
        }
        await file.sync();
        await file.close();
        const sha256 = hash.digest("hex");
        await adopt(temporary, sha256);
        return { sha256, size };
      } catch (error) {
        await file.close().catch(() => undefined);
        await rm(temporary, { force: true });
        throw error;
      }
    },
    size: async (sha256) => (await stat(fileOf(sha256)).catch(ignoreMissing))?.size,
    read: (sha256) => readFile(fileOf(sha256)).catch(ignoreMissing),
    async open(sha256) {
      const found = await stat(fileOf(sha256)).catch(ignoreMissing);
      if (found === undefined) return undefined;
      return { stream: createReadStream(fileOf(sha256)), size: found.size };
    },
  };
}
