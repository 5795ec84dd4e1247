import type { BlobStore, Lack } from "./blobs.ts";

/** What is kept in memory, bytes. */
const ROOM = 64 * 1024 * 1024;

/**
 * The same store, for a server whose stations fetch a new release all at once: they share one read and one copy in memory. The
 * bytes that were read last are kept, `room` bytes of them; they have been held against their digest.
 */
export function sharingReads(store: BlobStore, room = ROOM): BlobStore {
  const kept = new Map<string, Buffer>();
  const reading = new Map<string, Promise<Buffer | Lack>>();
  let used = 0;

  function keep(sha256: string, bytes: Buffer): void {
    if (bytes.length > room) return;
    kept.set(sha256, bytes);
    used += bytes.length;
    for (const [oldest, { length }] of kept) {
      if (used <= room) return;
      kept.delete(oldest);
      used -= length;
    }
  }

  async function readNow(sha256: string): Promise<Buffer | Lack> {
    try {
      const found = await store.read(sha256);
      if (typeof found !== "string") keep(sha256, found);
      return found;
    } finally {
      reading.delete(sha256);
    }
  }

  return {
    ...store,
    async read(sha256) {
      const known = kept.get(sha256);
      if (known !== undefined) {
        // The one that was used last is the last to go.
        kept.delete(sha256);
        kept.set(sha256, known);
        return known;
      }
      const now = reading.get(sha256) ?? readNow(sha256);
      reading.set(sha256, now);
      return await now;
    },
  };
}
