import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { FlashlineError, LARGEST_PART, UPLOAD_HOURS } from "@flashline/contract";
import { makeFolder } from "@flashline/durable-files";
import { type BlobStore, wholeSize } from "./blobs.ts";
import { bytesOf, FOLDER_MODE, ignoreMissing, incomingIn, receive } from "./incoming.ts";

/** An upload in parts: what it is to become, and its whole size in bytes. */
export interface Upload {
  readonly sha256: string;
  readonly size: number;
}
/** How far it is. */
export interface Standing {
  readonly offset: number;
  /** Null: nothing is here. */
  readonly expiresAt: Date | null;
}

/**
 * Images that come in parts. The file's length is the only record of how far an upload is: what was written before a crash counts, what was
 * not does not, and there is no second place that could say otherwise. Whether the bytes are right the digest over the whole says.
 */
export interface PartStore {
  standing(upload: Upload): Promise<Standing>;
  /**
   * Adds a part that begins at `offset`, and keeps what came where the part is cut. With the last byte the whole is checked and becomes a blob:
   * true. Rejects with `upload.offset` where the upload stands elsewhere, `upload.digest`, `upload.too_many` and `request.too_large`.
   */
  append(upload: Upload, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<boolean>;
  drop(upload: Upload): Promise<void>;
  /** Removes uploads that nobody went on with. */
  sweep(): Promise<void>;
}

const EXPIRY_MS = UPLOAD_HOURS * 3_600_000;
/** So many uploads may be unfinished: with images of the largest size they fill 512 MiB. */
export const MOST_UNFINISHED = 32;

/** Writes all of a chunk: a single call may write a part. */
async function writeAll(file: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

const tooLarge = (message: string, limit: number): FlashlineError =>
  new FlashlineError("request.too_large", message, { parameters: { limit } });

/** Writes what comes, from `offset` on. Answers with where it ended. What was written stays where it rejects. */
async function written(
  file: FileHandle,
  { size }: Upload,
  offset: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<number> {
  let at = offset;
  for await (const chunk of bytes) {
    const end = at + chunk.length;
    if (end > size) throw tooLarge(`The image was said to have ${size} bytes.`, size);
    if (end - offset > LARGEST_PART) {
      throw tooLarge(`A part has at most ${LARGEST_PART} bytes.`, LARGEST_PART);
    }
    await writeAll(file, chunk, at);
    at = end;
  }
  return at;
}

/** In `folder/parts`, on the same file system as blobs in a folder. */
export async function openParts(folder: string, blobs: BlobStore): Promise<PartStore> {
  const parts = path.join(folder, "parts");
  const incoming = incomingIn(folder);
  for (const each of [parts, incoming]) await makeFolder(each, FOLDER_MODE);
  const fileOf = ({ sha256, size }: Upload) => path.join(parts, `${sha256}-${size}`);

  async function mustHaveRoom(): Promise<void> {
    if ((await readdir(parts)).length < MOST_UNFINISHED) return;
    throw new FlashlineError(
      "upload.too_many",
      `${MOST_UNFINISHED} uploads are unfinished. They are forgotten ${UPLOAD_HOURS} hours after their last part.`,
      { parameters: { most: MOST_UNFINISHED, hours: UPLOAD_HOURS } },
    );
  }
  /** Of a copy: who sends an earlier part slowly still writes into the file, and would change what was checked. */
  async function keep(upload: Upload): Promise<void> {
    const file = fileOf(upload);
    await receive(incoming, bytesOf(file), upload.size, async (copy, found) => {
      if (found === upload.sha256) return await blobs.adopt(copy, found);
      await rm(file, { force: true });
      throw new FlashlineError(
        "upload.digest",
        `The ${upload.size} bytes have the digest ${found}, not ${upload.sha256}. Upload them again from the beginning.`,
        { parameters: { found, sha256: upload.sha256 } },
      );
    });
    await rm(file, { force: true });
  }
  async function finish(upload: Upload): Promise<void> {
    try {
      await keep(upload);
    } catch (error) {
      // Whoever sent the last part at the same moment was faster.
      if ((await wholeSize(blobs, upload.sha256)) === undefined) throw error;
    }
  }
  return {
    async standing(upload) {
      const found = await stat(fileOf(upload)).catch(ignoreMissing);
      if (found === undefined) return { offset: 0, expiresAt: null };
      return { offset: found.size, expiresAt: new Date(found.mtimeMs + EXPIRY_MS) };
    },
    async append(upload, offset, bytes) {
      const name = fileOf(upload);
      const begun = (await stat(name).catch(ignoreMissing)) !== undefined;
      if (!begun) await mustHaveRoom();
      // Not "a": that writes at the end whatever the position is, and two at once would write one after the other.
      const file = await open(name, constants.O_RDWR | constants.O_CREAT, 0o640);
      let end = offset;
      try {
        const { size: stands } = await file.stat();
        if (stands !== offset) {
          throw new FlashlineError(
            "upload.offset",
            `The upload stands at ${stands}, and the part begins at ${offset}.`,
            { parameters: { offset: stands } },
          );
        }
        end = await written(file, upload, offset, bytes);
      } finally {
        await file.sync().finally(() => file.close());
        const left = await stat(name).catch(ignoreMissing);
        if (left?.size === 0) await rm(name, { force: true });
      }
      if (end < upload.size) return false;
      await finish(upload);
      return true;
    },
    drop: (upload) => rm(fileOf(upload), { force: true }),
    async sweep() {
      for (const name of await readdir(parts)) {
        const file = path.join(parts, name);
        const found = await stat(file).catch(ignoreMissing);
        if (found !== undefined && Date.now() - found.mtimeMs > EXPIRY_MS) {
          await rm(file, { force: true });
        }
      }
    },
  };
}
