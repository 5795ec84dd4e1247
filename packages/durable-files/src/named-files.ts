import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
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
}

/** One file a name in `folder`, called by the name's digest and `ending` (".snapshot"). */
export function namedFiles(folder: string, ending: string): NamedFiles {
  const fileOf = (name: string) =>
    join(folder, `${createHash("sha256").update(name).digest("hex")}${ending}`);
  return {
    async load(name) {
      try {
        return new Uint8Array(await readFile(fileOf(name)));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    save: (name, bytes) => writeDurably(fileOf(name), bytes),
    forget: (name) => removeDurably(fileOf(name)),
  };
}
