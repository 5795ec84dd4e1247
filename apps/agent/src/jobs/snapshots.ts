import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotStore } from "@flashline/dfu-core";
import { removeDurably, writeDurably } from "@flashline/durable-files";

/** The unit's name in this station's snapshots. Serials are unique within a product only. */
export const snapshotName = (product: string, serial: string): string => `${product}/${serial}`;

/**
 * What units held before their first erase, as files of this station. `save` resolves when a power cut leaves the new bytes,
 * and never leaves half of them. Names may hold any character: files are named by their digest.
 */
export function fileSnapshots(folder: string): SnapshotStore {
  const fileOf = (name: string) =>
    join(folder, `${createHash("sha256").update(name).digest("hex")}.snapshot`);
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
