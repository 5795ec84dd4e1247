import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where scripts/packages.mjs puts the kernel; the initial file system is built beside it. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "flashline-vm");
}

/** @throws MachineError when the kernel was not downloaded */
export function kernelFolder(): string {
  const folder = join(cacheFolder(), "kernel");
  if (!existsSync(folder)) {
    throw new MachineError(`no kernel in ${folder}: run node scripts/packages.mjs`);
  }
  return folder;
}

/** The virtual machine could not be built, started or talked to. */
export class MachineError extends Error {
  override readonly name = "MachineError";
}
