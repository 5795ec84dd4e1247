import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, syncFolder } from "./folder.ts";

/** Its owner's alone: what programs keep for themselves may hold secrets. */
const PRIVATE = 0o600;

/**
 * The file has these bytes when this resolves, and after a power cut; one that comes earlier leaves the old file or the new one.
 * Its folder is made where there is none. Only the owner may read it. A power cut can leave `.flashline-….new` beside it, which
 * nobody reads.
 */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  await replaceFile(path, content, PRIVATE);
  await syncFolder(dirname(path));
}

/**
 * As {@link writeDurably}, where a file that is there already counts: of several that create it at once one wins, and nobody
 * ever sees a part of it. The file system must know hard links.
 * @returns whether the content is this one
 */
export async function createDurably(path: string, content: Uint8Array | string): Promise<boolean> {
  await makeFolder(dirname(path));
  const fresh = await writeBeside(path, content, PRIVATE);
  try {
    await link(fresh, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(fresh, { force: true });
    await syncFolder(dirname(path));
  }
  return true;
}

/** For what was written elsewhere on the same file system, in pieces, and synchronised. The folder of `path` is there. */
export async function moveDurably(from: string, path: string): Promise<void> {
  await rename(from, path);
  await syncFolder(dirname(path));
}

/**
 * The old file or all of the new one is there, whatever fails; but which of them a power cut leaves is not promised, so that the
 * folder need not be readable: for files that a person asked for.
 * @param mode Permissions, whatever the umask says; undefined: what the umask leaves
 */
export async function replaceFile(
  path: string,
  content: Uint8Array | string,
  mode: number | undefined,
): Promise<void> {
  const fresh = await writeBeside(path, content, mode);
  try {
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

/** Rejects where {@link replaceFile} could not write; leaves nothing behind. */
export async function tryBeside(path: string, mode: number | undefined): Promise<void> {
  await rm(await writeBeside(path, "", mode), { force: true });
}

async function writeBeside(
  path: string,
  content: Uint8Array | string,
  mode: number | undefined,
): Promise<string> {
  // A random name: another user of the folder cannot put a link there beforehand.
  const fresh = join(dirname(path), `.flashline-${randomBytes(8).toString("hex")}.new`);
  const handle = await open(fresh, "wx", mode ?? 0o666);
  try {
    await fill(handle, content, mode);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  return fresh;
}

async function fill(
  handle: FileHandle,
  content: Uint8Array | string,
  mode: number | undefined,
): Promise<void> {
  try {
    // The umask has no say where the permissions are known.
    if (mode !== undefined) await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
