import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A file system of its own, which can be filled and emptied. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes a file until nothing more fits. */
  fill(): void;
  /** Removes that file. */
  empty(): void;
  close(): void;
}

/** Whether this account mounts file systems that every other process sees. */
export const MAY_MOUNT = process.getuid?.() === 0;

/** Mounts a tmpfs of so many megabytes. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(tmpdir(), "flashline-disk-"));
  const options = `size=${megabytes}m,mode=0711`;
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  const filler = path.join(folder, "filler");
  return {
    folder,
    fill() {
      const file = openSync(filler, "w");
      const { bavail, bsize } = statfsSync(folder);
      const page = Buffer.alloc(bsize);
      for (let at = 0; at < bavail; at += 1) writeSync(file, page);
      closeSync(file);
    },
    empty: () => rmSync(filler),
    close() {
      execFileSync("umount", ["--lazy", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
