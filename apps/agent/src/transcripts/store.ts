import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@flashline/durable-files";
import type { Logger } from "pino";

/** Transcripts of failed attempts and golden checks that wait for the server. Nothing here may cost a result: it never rejects. */
export interface TranscriptStore {
  /** Writes in the background; `file` is called in the background as well. */
  keep(attemptId: string, file: () => Uint8Array): void;
  /** Attempt ids, oldest first. */
  list(): Promise<readonly string[]>;
  /** Undefined when it is not there any more. */
  read(attemptId: string): Promise<Uint8Array | undefined>;
  forget(attemptId: string): Promise<void>;
  /** Resolves when every transcript to keep is written. */
  idle(): Promise<void>;
}

export interface TranscriptStoreOptions {
  readonly log: Logger;
  /** Something new is on the disk. */
  readonly onKept: () => void;
  /** The oldest give way: a server that is away for long must not fill the disk. */
  readonly most?: number;
}

const MOST = 200;
const NAME = /^([0-9a-f-]{36})\.pcapng$/;

export function transcriptStore(folder: string, options: TranscriptStoreOptions): TranscriptStore {
  const { log, onKept, most = MOST } = options;
  let writing: Promise<unknown> = Promise.resolve();
  const pathOf = (attemptId: string) => join(folder, `${attemptId}.pcapng`);

  // Ids are UUIDv7: in the order of their names they are in the order of time.
  async function list(): Promise<readonly string[]> {
    const names = await readdir(folder).catch(() => []);
    return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).sort();
  }

  async function write(attemptId: string, file: () => Uint8Array): Promise<void> {
    try {
      await writeDurably(pathOf(attemptId), file());
      const ids = await list();
      for (const id of ids.slice(0, Math.max(0, ids.length - most))) {
        log.warn({ attemptId: id, step: "transcript" }, "dropped: too many wait for the server");
        await rm(pathOf(id), { force: true });
      }
      onKept();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ attemptId, step: "transcript", reason }, "the transcript could not be kept");
    }
  }

  return {
    keep(attemptId, file) {
      writing = writing.then(() => write(attemptId, file));
    },
    list,
    read: (attemptId) => readFile(pathOf(attemptId)).catch(() => undefined),
    async forget(attemptId) {
      await rm(pathOf(attemptId), { force: true }).catch(() => undefined);
    },
    async idle() {
      await writing;
    },
  };
}
