import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotStore } from "@flashline/dfu-core";
import { removeDurably, writeDurably } from "@flashline/durable-files";
import type { AttachedUnit } from "@flashline/usb-host";
import { Refusal } from "../refusal.ts";
import { stateFolder } from "../state-folder.ts";

/** Where snapshots are kept, in the state folder. */
export const snapshotFolder = (environment?: NodeJS.ProcessEnv): string =>
  join(stateFolder(environment), "snapshots");

/** One file a unit, its name hashed. */
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
      await writeDurably(pathOf(name), bytes);
    },
    forget: async (name) => {
      await removeDurably(pathOf(name));
    },
  };
}

/** ROMs that cannot read their own unique id, and clones. */
const SHARED_SERIALS = /^(|F{7}EF{4}|STM32.{0,8}|3CBJ)$/i;

export const isSharedSerial = (serial: string): boolean => SHARED_SERIALS.test(serial);

/** A unit's name in storage: what the person says, else its USB serial where that is its own. */
export function snapshotNameOf(
  unit: Pick<AttachedUnit, "serial" | "vendorId" | "productId">,
  named: string | undefined,
): string {
  if (named !== undefined) return `named ${named}`;
  if (isSharedSerial(unit.serial)) {
    throw new Refusal(
      "usage.argument",
      `To preserve what is beside the image the unit needs a name of its own, and its USB serial "${unit.serial}" is shared by many.`,
      { hint: "Add --unit-name with the serial number on its label." },
    );
  }
  return `usb ${unit.vendorId.toString(16)}:${unit.productId.toString(16)} ${unit.serial}`;
}
