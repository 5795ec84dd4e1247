import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably } from "./folder.ts";
import { writeDurably } from "./write.ts";

/** Bytes by names that may hold any character. */
export interface NamedFiles {
  /** Undefined for a name that was never saved or was forgotten. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Replaces what was there. Resolves when a power cut leaves the new bytes, and never leaves half of them. */
  save(name: string, bytes: Uint8Array): Promise<void>;
  forget(name: string): Promise<void>;
  /**
   * Forgets what was saved before `before` (milliseconds since 1970, by the file's own time), but none of the names that
   * `isKept` holds at the moment when theirs would go. Resolves to how many went.
   */
  forgetOlder(before: number, isKept: () => readonly string[]): Promise<number>;
}

/** One file a name in `folder`, called by the name's digest and `ending` (".snapshot"). */
export function namedFiles(folder: string, ending: string): NamedFiles {
  const called = (name: string) => `${createHash("sha256").update(name).digest("hex")}${ending}`;
  const fileOf = (name: string) => join(folder, called(name));
  return {
    async load(name) {
      try {
        return new Uint8Array(await readFile(fileOf(name)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    save: (name, bytes) => writeDurably(fileOf(name), bytes),
    forget: (name) => removeDurably(fileOf(name)),
    async forgetOlder(before, isKept) {
      let gone = 0;
      for (const file of await filesIn(folder)) {
        const path = join(folder, file);
        if (!file.endsWith(ending) || (await savedAt(path)) >= before) continue;
        if (isKept().some((name) => called(name) === file)) continue;
        await removeDurably(path);
        gone += 1;
      }
      return gone;
    },
  };
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Milliseconds since 1970; of a file that has just gone, later than any. */
async function savedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
