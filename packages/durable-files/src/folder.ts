import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes the folder and those above it, and each of them durable. `mode` is for new ones; by default their owner's alone. */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode });
  if (first === undefined) return;
  const highest = dirname(first);
  let above = folder;
  do {
    above = dirname(above);
    await syncFolder(above);
  } while (above.length > highest.length);
}

/**
 * Makes durable which names the folder holds: a new, renamed or removed file is that after a power cut only when its folder was
 * written too (fsync(2)). Windows cannot open folders, and writes them by itself.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file that does not exist, or whose folder does not, counts as removed. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
