import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../../process-alive.ts";
import { existingCluster } from "./folder.ts";

/** How long PostgreSQL may take to end at once, milliseconds. */
const PATIENCE_MS = 10_000;

/** Process id of the PostgreSQL that runs on this very folder; undefined where none does. */
export function postmasterOf(folder: string): number | undefined {
  const file = path.join(folder, "data", "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const [pid, at] = readFileSync(file, "utf8").split("\n");
  // A copy has the file of the folder that it was copied from.
  return at === path.join(folder, "data") && isAlive(Number(pid)) ? Number(pid) : undefined;
}

/** Whether the embedded PostgreSQL of a data folder runs, whoever started it. */
export function isClusterRunning(data: string): boolean {
  const folder = existingCluster(data);
  return folder !== undefined && postmasterOf(folder) !== undefined;
}

/** Ends the PostgreSQL of a data folder that nobody will use any more, and removes the folder with its cluster. */
export async function removeDataFolder(data: string): Promise<void> {
  const inside = path.join(data, "postgres");
  const folder = existingCluster(data) ?? inside;
  const pid = postmasterOf(folder);
  if (pid !== undefined) {
    // An immediate shutdown: what is not written down is not wanted.
    process.kill(pid, "SIGQUIT");
    for (const deadline = performance.now() + PATIENCE_MS; isAlive(pid); ) {
      if (performance.now() > deadline) break;
      await pause(50);
    }
  }
  if (folder !== inside) await rm(folder, { recursive: true, force: true });
  await rm(data, { recursive: true, force: true });
}
