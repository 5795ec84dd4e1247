import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { Refusal } from "./refusal.ts";

/**
 * Where this program keeps what must outlive it: the user's state folder (XDG Base Directory Specification: a relative
 * XDG_STATE_HOME does not count). Throws a Refusal where the user has no home. FLASHLINE_DATA is another program's: in a
 * shell that is set up for the agent, the desk's notes must not go into the station's folder.
 */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: named } = environment;
  if (named && isAbsolute(named)) return join(named, "flashline");
  const home = homedir();
  if (!isAbsolute(home)) throw new Refusal("usage.argument", "This user has no home folder.");
  return join(home, ".local", "state", "flashline");
}

/** Saved beside, synchronised and renamed: a power cut leaves the old or the new one. Only its owner may read it. */
export async function saveDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomBytes(6).toString("hex")}.new`;
  const file = await open(fresh, "wx", 0o600);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Makes a rename or removal durable. A folder that is not there has nothing to lose; Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
