import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { FlashlineError, type UpdateManifest } from "@flashline/contract";
import { makeFolder } from "@flashline/durable-files";

/** Stays free beside a version that is unpacked, bytes: results and images come first. */
const SPARE = 64 * 1024 * 1024;

export interface FetchOptions {
  /** `.incoming` of the versions' folder. */
  readonly incoming: string;
  readonly archive: UpdateManifest["archive"];
  /** The bundle's bytes from an offset on. */
  readonly part: (sha256: string, offset: number) => Promise<Uint8Array>;
  readonly onProgress: (percent: number) => void;
  readonly signal: AbortSignal;
}

const bundleFile = (incoming: string, sha256: string): string => join(incoming, `${sha256}.part`);

const sizeOf = async (file: string): Promise<number> =>
  (await stat(file).catch(() => null))?.size ?? 0;

/**
 * Fetches what is missing of a bundle. How far it is says the file's length; whether it is right says its digest. Answers with the file.
 * @throws FlashlineError `update.disk`, `update.digest`; and what `part` rejects with: what came stays for the next try
 */
export async function fetchBundle(options: FetchOptions): Promise<string> {
  const { incoming, archive, part, onProgress, signal } = options;
  await makeFolder(incoming);
  const file = bundleFile(incoming, archive.sha256);
  if ((await sizeOf(file)) > archive.size) await rm(file);
  await mustHaveRoom(incoming, archive.size - (await sizeOf(file)) + archive.unpacked);
  const handle = await open(file, "a", 0o600);
  try {
    let offset = (await handle.stat()).size;
    while (offset < archive.size) {
      signal.throwIfAborted();
      onProgress(Math.floor((offset / archive.size) * 100));
      const bytes = await part(archive.sha256, offset);
      if (bytes.length === 0 || offset + bytes.length > archive.size) {
        throw new FlashlineError(
          "update.digest",
          `The server has other bytes than the ${archive.size} that were signed.`,
        );
      }
      await handle.appendFile(bytes);
      offset += bytes.length;
    }
    await handle.sync();
  } catch (error) {
    throw outOfSpace(error);
  } finally {
    await handle.close();
  }
  const found = await digestOf(file);
  if (found === archive.sha256) return file;
  // Another try begins anew.
  await rm(file, { force: true });
  throw new FlashlineError("update.digest", `The archive has the digest ${found}.`);
}

/** A full disk is said in one way. */
export function outOfSpace(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT"
    ? new FlashlineError("update.disk", "The disk is full.", { cause: error })
    : error;
}

async function mustHaveRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + SPARE) return;
  const mb = (size: number) => Math.ceil(size / 1_000_000);
  throw new FlashlineError(
    "update.disk",
    `${mb(bytes + SPARE)} MB are needed, ${mb(free)} MB are free.`,
  );
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
