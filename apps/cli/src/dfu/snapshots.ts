import { join } from "node:path";
import { isSharedSerial, type SnapshotStore } from "@flashline/dfu-core";
import { namedFiles } from "@flashline/durable-files";
import type { AttachedUnit } from "@flashline/usb-host";
import { Refusal } from "../refusal.ts";
import { stateFolder } from "../state-folder.ts";

/** Where snapshots are kept, in the state folder. */
export const snapshotFolder = (environment?: NodeJS.ProcessEnv): string =>
  join(stateFolder(environment), "snapshots");

/** What units held before their first erase, as files of this person. */
export const fileSnapshots = (folder: string): SnapshotStore => namedFiles(folder, ".snapshot");

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
