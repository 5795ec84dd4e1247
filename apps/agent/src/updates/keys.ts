import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type PublicKey, parsePublicKey } from "@flashline/signing";

/** What lies in the folder of keys for updates. */
export interface UpdateKeys {
  readonly keys: readonly PublicKey[];
  /** Names of files that cannot be read as keys: they are left out, and the others go on counting. */
  readonly broken: readonly string[];
}

/** Keys whose updates count on this PC: files of the administrator, whom no server and no update overrules. Read anew each time. */
export async function readUpdateKeys(folder: string | undefined): Promise<UpdateKeys> {
  if (folder === undefined) return { keys: [], broken: [] };
  const names = await readdir(folder).catch(() => []);
  const keys: PublicKey[] = [];
  const broken: string[] = [];
  for (const name of names.filter((one) => one.endsWith(".pub")).sort()) {
    try {
      keys.push(parsePublicKey(await readFile(join(folder, name), "utf8")));
    } catch {
      broken.push(name);
    }
  }
  return { keys, broken };
}
