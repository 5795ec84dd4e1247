import { type FileHandle, open, readFile, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, syncFolder, writeDurably } from "@flashline/durable-files";
import type { JournalEntry } from "./entry.ts";
import { decodeJournal, encodeLine } from "./line.ts";

/**
 * An append-only file. An entry survives a power cut once its `append` has resolved. Appends and rewrites take effect in the order
 * of the calls, and their callbacks run in that order, so that several nests can write at once.
 */
export interface JournalFile {
  /** Resolves when the entry is on the disk; `written` runs before anything that was asked for later. */
  append(entry: JournalEntry, written: () => void): Promise<void>;
  /**
   * Replaces the content in one step: a crash leaves the old file or the new one. `entries` is asked in the rewrite's own turn,
   * when every append before it has run its `written`.
   */
  rewrite(entries: () => readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}

export interface OpenedJournal {
  readonly file: JournalFile;
  readonly entries: readonly JournalEntry[];
  /** Damaged lines that were not a torn tail; a copy of the file was kept beside it. */
  readonly damaged: number;
}

/** Opens or creates the journal; cuts a torn tail off, so that the next line starts on its own. */
export async function openJournalFile(path: string): Promise<OpenedJournal> {
  await makeFolder(dirname(path));
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return new Uint8Array();
    throw error;
  });
  const { entries, wholeBytes, damaged, torn } = decodeJournal(bytes);
  if (damaged > 0) await writeDurably(`${path}.damaged-${Date.now()}`, bytes);
  if (torn) await truncate(path, wholeBytes);

  // Undefined while a power cut could still bring the old file back under the name. Nothing may be acknowledged then.
  let handle: FileHandle | undefined;
  let size = 0;
  let partial = false;
  /** Open on the file that has the name, and that ends with a whole line. */
  const ready = async (): Promise<FileHandle> => {
    if (handle === undefined) [handle, size] = await openForAppend(path);
    // A full disk can leave half a line, which must not swallow the next one.
    if (partial) await handle.truncate(size);
    partial = false;
    return handle;
  };
  await ready();

  let tail: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };

  return {
    entries,
    damaged,
    file: {
      append: (entry, written) =>
        inOrder(async () => {
          const current = await ready();
          const line = Buffer.from(encodeLine(entry));
          partial = true;
          await current.appendFile(line);
          await current.sync();
          partial = false;
          size += line.length;
          written();
        }),
      rewrite: (kept) =>
        inOrder(async () => {
          const old = await ready();
          handle = undefined;
          await old.close();
          await writeDurably(path, kept().map(encodeLine).join(""));
          await ready();
        }),
      close: () => inOrder(async () => handle?.close()),
    },
  };
}

export const journalPath = (dataDir: string): string => join(dataDir, "journal.jsonl");

/** Makes the file's content and its name durable before anything is added to it. */
async function openForAppend(path: string): Promise<[FileHandle, size: number]> {
  const handle = await open(path, "a", 0o600);
  try {
    await handle.sync();
    await syncFolder(dirname(path));
    return [handle, (await handle.stat()).size];
  } catch (error) {
    await handle.close();
    throw error;
  }
}
