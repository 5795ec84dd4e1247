import type { SnapshotStore } from "@flashline/dfu-core";
import { namedFiles } from "@flashline/durable-files";
import type { Logger } from "pino";
import type { JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";

/** The unit's name in this station's snapshots. Serials are unique within a product only. */
export const snapshotName = (product: string, serial: string): string => `${product}/${serial}`;

/** What units held before their first erase, as files of this station. */
export interface Snapshots extends SnapshotStore {
  /** After a PASS of any release the unit is whole, so its older snapshot must never be put back. Never rejects. */
  passed(name: string): Promise<void>;
  /**
   * Deletes snapshots that are older than `olderThanMs`. It keeps those of attempts whose result the server does not have, because
   * such a snapshot may be the only copy. Never rejects.
   */
  prune(journal: Pick<Journal, "open" | "undelivered">, olderThanMs: number): Promise<void>;
}

export function fileSnapshots(folder: string, log: Logger): Snapshots {
  const files = namedFiles(folder, ".snapshot");
  const failed = (err: unknown): void =>
    log.warn({ err, step: "snapshots" }, "a snapshot could not be removed");
  return {
    load: files.load,
    save: files.save,
    forget: files.forget,
    passed: (name) => files.forget(name).catch(failed),
    async prune(journal, olderThanMs) {
      const inUse = (): string[] =>
        [...journal.open(), ...journal.undelivered()].flatMap(snapshotOf);
      await files.forgetOlder(Date.now() - olderThanMs, inUse).then((gone) => {
        if (gone > 0) log.warn({ step: "snapshots", gone }, "old snapshots were removed");
      }, failed);
    },
  };
}

const snapshotOf = ({ intent }: JournaledAttempt): readonly string[] =>
  intent?.snapshot === undefined ? [] : [intent.snapshot];
