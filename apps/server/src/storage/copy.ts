import { Readable } from "node:stream";
import { type BlobStore, imageBytes } from "./blobs.ts";

export interface CopyReport {
  /** Images that were written. */
  readonly copied: number;
  /** Images that the target had already, whole. */
  readonly there: number;
  /** Of those that were written. */
  readonly bytes: number;
  /** Digests that the source lacks or holds damaged, where the target has them neither. */
  readonly lost: readonly string[];
}

/** How many are on their way at once. */
const AT_ONCE = 4;

/**
 * Copies blobs from one store to another. What the target has is read and held against its digest instead of copied again, so that a
 * copy that was broken off goes on where it was; what was written is read back. Rejects when a store is away, or keeps other bytes
 * than it was given.
 */
export async function copyBlobs(
  digests: readonly string[],
  from: BlobStore,
  to: BlobStore,
): Promise<CopyReport> {
  const lost: string[] = [];
  let copied = 0;
  let there = 0;
  let written = 0;

  async function copy(sha256: string): Promise<void> {
    if (typeof (await to.read(sha256)) !== "string") {
      there += 1;
      return;
    }
    const bytes = await from.read(sha256);
    if (typeof bytes === "string") {
      lost.push(sha256);
      return;
    }
    await to.put(Readable.from([bytes]), bytes.length);
    // Rejects where it is not there as it was written.
    await imageBytes(to, sha256);
    copied += 1;
    written += bytes.length;
  }

  const waiting = digests.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const sha256 of waiting) await copy(sha256);
    }),
  );
  return { copied, there, bytes: written, lost: lost.sort() };
}
