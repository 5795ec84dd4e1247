import { type FileHandle, open, readFile, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder, syncFolder, writeDurably } from "@flashline/durable-files";
import type { JournalEntry } from "./entry.ts";
import { decodeJournal, encodeLine } from "./line.ts";

/** An append-only file: what `append` resolved for survives a power cut. */
export interface JournalFile {
  /** Resolves when the entry is on the disk. Appends keep their order. */
  append(entry: JournalEntry): Promise<void>;
  /** Replaces the content in one step: a crash leaves the old file or the new one. */
  rewrite(entries: readonly JournalEntry[]): Promise<void>;
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
  let handle = await openForAppend(path);
  let size = wholeBytes;
  let partial = false;
  await syncFolder(dirname(path));

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
      append: (entry) =>
        inOrder(async () => {
          // A full disk can leave half a line, which must not swallow the next one.
          if (partial) await handle.truncate(size);
          partial = true;
          const line = Buffer.from(encodeLine(entry));
          await handle.appendFile(line);
          await handle.sync();
          size += line.length;
          partial = false;
        }),
      rewrite: (kept) =>
        inOrder(async () => {
          const content = Buffer.from(kept.map(encodeLine).join(""));
          await writeDurably(path, content);
          await handle.close();
          handle = await openForAppend(path);
          size = content.length;
          partial = false;
        }),
      close: () => inOrder(() => handle.close()),
    },
  };
}

async function openForAppend(path: string): Promise<FileHandle> {
  const handle = await open(path, "a", 0o600);
  await handle.sync();
  return handle;
}

export const journalPath = (dataDir: string): string => join(dataDir, "journal.jsonl");
