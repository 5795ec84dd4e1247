import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { newDisk } from "./disk.ts";
import { bootMachine, type Machine, type MachineOptions } from "./machine.ts";

const SCRIPT = join(import.meta.dirname, "../../../scripts/package.mjs");
/** An emulated machine unpacks a hundred megabytes slowly, and more slowly beside others. */
export const PATIENCE_MS = 20 * 60_000;
/** Of a test, or of what comes before. */
export const STEP_MS = 40 * 60_000;
export const OLD = "1.0.0";
export const NEW = "1.1.0";

/** A machine with a bare Debian and its own systemd, on which nothing of Flashline is installed yet. */
export interface BarePc {
  readonly machine: Machine;
  /** The package of `app` in a version, as the machine sees it. */
  deb(version: string): string;
  /** Runs a script and rejects when its status is not 0. Waits long. */
  guest(script: string): Promise<string>;
  stop(): Promise<void>;
}

/** Builds the package of `app` in two versions, and boots the machine that will get them. */
export async function bootBarePc(
  app: "agent" | "server",
  options: Omit<MachineOptions, "disk">,
): Promise<BarePc> {
  const work = await mkdtemp(join(tmpdir(), "flashline-packages-"));
  const forget = () => rm(work, { recursive: true, force: true });
  try {
    for (const version of [OLD, NEW]) {
      const words = [SCRIPT, app, "--out", work, "--version", version];
      await promisify(execFile)(process.execPath, words);
    }
    const disk = join(work, "disk");
    const files = await readdir(work);
    await newDisk(disk);
    const machine = await bootMachine({ ...options, disk });
    for (const name of files) await copyFile(join(work, name), join(machine.folder, name));
    return {
      machine,
      deb: (version) =>
        `/vm/${files.find((name) => name.startsWith(`flashline-${app}_${version}_`))}`,
      guest: (script) => machine.check(script, { seconds: PATIENCE_MS / 1000 }),
      async stop() {
        await machine.stop();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}
