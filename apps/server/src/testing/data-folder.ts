import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * A fresh folder for what a test stores. PostgreSQL's own account may pass through it, so that the cluster of a test that runs as root lies inside and goes
 * with the folder: one that lies outside (`embedded/folder.ts`) stays when the folder is removed, and hundreds of runs fill a disk.
 */
export function temporaryDataFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `flashline-${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}
