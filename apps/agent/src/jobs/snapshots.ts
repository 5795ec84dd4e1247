import type { SnapshotStore } from "@flashline/dfu-core";
import { namedFiles } from "@flashline/durable-files";

/** The unit's name in this station's snapshots. Serials are unique within a product only. */
export const snapshotName = (product: string, serial: string): string => `${product}/${serial}`;

/** What units held before their first erase, as files of this station. */
export const fileSnapshots = (folder: string): SnapshotStore => namedFiles(folder, ".snapshot");
