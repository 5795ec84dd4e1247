import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What a write that was cut off has left; its name is given by `write.ts`. */
const UNFINISHED = /^\.flashline-[0-9a-f]{16}\.new$/;

/**
 * Removes what writes below `folder` left that were cut off by a crash: files that were last written to before `before` (milliseconds since
 * 1970). Nobody reads such a file, and nothing else would ever remove it. Leave out the last hour, in which another process may still write.
 * @returns how many
 */
export async function removeUnfinished(folder: string, before: number): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let removed = 0;
  for (const entry of found) {
    if (!entry.isFile() || !UNFINISHED.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || info.mtimeMs >= before) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
