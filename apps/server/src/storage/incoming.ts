import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { makeFolder } from "@flashline/durable-files";
import { newId } from "../ids.ts";

/** An upload that a crash cut off. Another replica may be in the middle of a younger one. Milliseconds. */
const ABANDONED_MS = 24 * 3_600_000;

/** The umask says who may look in. */
export const FOLDER_MODE = 0o777;

/** Undefined for a file that is not there; anything else is thrown on. */
export function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** The folder in `images` where uploads come in. An agent knows a server's data folder by it. */
export const incomingIn = (images: string): string => path.join(images, "incoming");

/** Makes the folder, and forgets what crashes left in it. */
export async function prepareIncoming(folder: string): Promise<void> {
  await makeFolder(folder, FOLDER_MODE);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    // Another replica's, stored since it was listed.
    const found = await stat(file).catch(ignoreMissing);
    if (found === undefined || Date.now() - found.mtimeMs <= ABANDONED_MS) continue;
    await rm(file, { force: true });
  }
}

/** A file's bytes. It is opened when they are asked for: a stream whose error comes before anybody listens ends the process. */
export async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file) as AsyncIterable<Uint8Array>;
}

/**
 * Receives bytes into a new file of `folder`, on the disk, and hands it to `adopt`. Rejects with `request.too_large` past `limit` bytes.
 * Nothing stays where it rejects.
 */
export async function receive(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  adopt: (file: string, sha256: string) => Promise<void>,
): Promise<{ sha256: string; size: number }> {
  const temporary = path.join(folder, newId());
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
  } finally {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
  }
}
