import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { isAlive } from "../process-alive.ts";

/** Who writes into a folder that is not whole yet. */
const OWNER = "being-written";

const ownerOf = (folder: string): Promise<number> =>
  readFile(path.join(folder, OWNER), "utf8").then(Number, () => 0);

/**
 * Makes a folder for what is to appear under another name once it is whole. What a process that was killed left there is cleared
 * away with `discard`. Rejects with `backup.target` while another process is at it, or when the folder cannot be made.
 */
export async function openPartial(
  folder: string,
  mode: number,
  discard: (folder: string) => Promise<void>,
): Promise<void> {
  const owner = await ownerOf(folder);
  if (owner !== 0 && owner !== process.pid && isAlive(owner)) {
    throw new FlashlineError("backup.target", `Process ${owner} is writing into ${folder}.`);
  }
  try {
    await discard(folder);
    await mkdir(folder, { mode });
    await writeFile(path.join(folder, OWNER), String(process.pid));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("backup.target", `${folder} cannot be written: ${reason}`, { cause });
  }
}

/** To be called right before the folder gets its name. */
export const closePartial = (folder: string): Promise<void> =>
  rm(path.join(folder, OWNER), { force: true });
