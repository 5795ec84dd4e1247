import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@flashline/durable-files";

/** Images by their SHA-256, so that a line goes on flashing while the network is down. */
export interface ImageCache {
  /** The bytes if they are stored here and have their digest. A file that was changed is deleted. */
  get(sha256: string): Promise<Uint8Array | undefined>;
  /** Stores bytes that were checked by the caller; evicts what was not used for the longest time. */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
}

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** `maxBytes` bounds the folder; the image stored last always stays. */
export function imageCache(folder: string, maxBytes: number): ImageCache {
  const pathOf = (sha256: string) => join(folder, sha256);
  return {
    async get(sha256) {
      const bytes = await readFile(pathOf(sha256)).catch(() => undefined);
      if (bytes === undefined) return undefined;
      if (sha256Of(bytes) !== sha256) {
        await rm(pathOf(sha256), { force: true });
        return undefined;
      }
      const now = new Date();
      await utimes(pathOf(sha256), now, now).catch(() => undefined);
      return bytes;
    },
    async put(sha256, bytes) {
      await writeDurably(pathOf(sha256), bytes);
      await evict(folder, maxBytes, sha256);
    },
  };
}

const DIGEST = /^[0-9a-f]{64}$/;

async function evict(folder: string, maxBytes: number, keep: string): Promise<void> {
  // Everything else belongs to a nest that is writing it.
  const names = (await readdir(folder)).filter((name) => DIGEST.test(name) && name !== keep);
  const files = await Promise.all(
    names.map(async (name) => {
      const info = await stat(join(folder, name)).catch(() => undefined);
      return { name, size: info?.size ?? 0, usedAt: info?.mtimeMs ?? 0 };
    }),
  );
  // Gone when another nest's image needed the room.
  const kept = await stat(join(folder, keep)).catch(() => undefined);
  let total = files.reduce((sum, file) => sum + file.size, kept?.size ?? 0);
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes) return;
    await rm(join(folder, file.name), { force: true });
    total -= file.size;
  }
}
