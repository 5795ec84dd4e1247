import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "@flashline/durable-files";

export const INCOMING = ".incoming";

/** Removes versions and bundles that nobody starts or goes on with any more. `bundle`: the digest of the one that is being fetched. */
export async function tidy(
  versions: string,
  kept: ReadonlySet<string>,
  bundle: string | undefined,
): Promise<void> {
  const found = await readdir(versions, { withFileTypes: true }).catch(() => []);
  for (const entry of found) {
    const isVersion = entry.isDirectory() && entry.name !== INCOMING;
    if (!isVersion || kept.has(entry.name)) continue;
    // The program's first file first: what a power cut leaves of it is no version that could be started.
    await rm(join(versions, entry.name, "app/main.mjs"), { force: true });
    await rm(join(versions, entry.name), { recursive: true, force: true });
  }
  const incoming = join(versions, INCOMING);
  for (const name of await readdir(incoming).catch(() => [])) {
    if (name === `${bundle}.part`) continue;
    await rm(join(incoming, name), { recursive: true, force: true });
  }
  if (found.length > 0) await syncFolder(versions);
}
