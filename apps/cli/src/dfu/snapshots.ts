import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SnapshotStore } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { Refusal } from "../refusal.ts";

/** Where snapshots are kept: FLASHLINE_DATA, else the user's state folder. */
export function snapshotFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const state = environment["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return join(environment["FLASHLINE_DATA"] ?? join(state, "flashline"), "snapshots");
}

/** One file a unit, its name hashed. Saved beside, synchronised and renamed: a power cut leaves the old or the new one. */
export function fileSnapshots(folder: string): SnapshotStore {
  const pathOf = (name: string) =>
    join(folder, `${createHash("sha256").update(name).digest("hex").slice(0, 32)}.snapshot`);
  return {
    load: async (name) => {
      try {
        return await readFile(pathOf(name));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    save: async (name, bytes) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(name);
      const fresh = `${path}.${process.pid}.new`;
      const file = await open(fresh, "w", 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
      await syncFolder(folder);
    },
    forget: async (name) => {
      await rm(pathOf(name), { force: true });
      await syncFolder(folder);
    },
  };
}

/** Makes a rename or removal durable. A folder that is not there has nothing to lose; Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}

/** ROMs that cannot read their own unique id, and clones. */
const SHARED_SERIALS = /^(|F{7}EF{4}|STM32.{0,8}|3CBJ)$/i;

/** A unit's name in storage: what the person says, else its USB serial where that is its own. */
export function snapshotNameOf(
  unit: Pick<AttachedUnit, "serial" | "vendorId" | "productId">,
  named: string | undefined,
): string {
  if (named !== undefined) return `named ${named}`;
  if (SHARED_SERIALS.test(unit.serial)) {
    throw new Refusal(
      "usage.argument",
      `To preserve what is beside the image the unit needs a name of its own, and its USB serial "${unit.serial}" is shared by many.`,
      { hint: "Add --unit-name with the serial number on its label." },
    );
  }
  return `usb ${unit.vendorId.toString(16)}:${unit.productId.toString(16)} ${unit.serial}`;
}
