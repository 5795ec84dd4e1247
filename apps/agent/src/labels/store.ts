import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabelEntry } from "@flashline/contract";
import { removeDurably, writeDurably } from "@flashline/durable-files";
import type { Logger } from "pino";
import { LabelRecord } from "./record.ts";

/** What an entry says beside its place and time. */
export type NewEntry = Pick<LabelEntry, "deed"> &
  Partial<Pick<LabelEntry, "reason" | "scanned" | "operator">>;

/**
 * The labels of this station, one file each. What a method changed is on the disk when it resolves; where it rejects, the record here
 * has changed all the same, and is written with its next change.
 */
export interface LabelStore {
  /** Oldest first. */
  all(): readonly LabelRecord[];
  /** The same as they stand on the disk: what another life of the agent would know. */
  saved(): readonly LabelRecord[];
  get(attemptId: string): LabelRecord | undefined;
  add(record: LabelRecord): Promise<void>;
  /** Before the first byte leaves; with why, where it is not the first print. */
  begin(attemptId: string, again: NewEntry | undefined, late: boolean): Promise<void>;
  /** No byte has left after all. */
  notBegun(attemptId: string): Promise<void>;
  /** A print that was under way is over with it. */
  enter(attemptId: string, entry: NewEntry): Promise<LabelRecord | undefined>;
  delivered(attemptId: string, entries: number): Promise<void>;
  forget(attemptId: string): Promise<void>;
  /** Forgets what the server has of labels that nobody waits for and that are older than `keepAfter` (ISO time). */
  prune(keepAfter: string, isOpen: (attemptId: string) => boolean): Promise<void>;
}

const ENDING = ".json";

async function read(folder: string, log: Logger): Promise<LabelRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ENDING));
  const records: LabelRecord[] = [];
  for (const name of names.sort()) {
    try {
      records.push(LabelRecord.parse(JSON.parse(await readFile(join(folder, name), "utf8"))));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ step: "label", file: name, reason }, "a label's file cannot be read; it is kept");
    }
  }
  return records;
}

export async function openLabelStore(
  folder: string,
  log: Logger,
  now: () => number = Date.now,
): Promise<LabelStore> {
  // Attempt ids are UUIDv7: in the order of their names they are in the order of time.
  const records = new Map((await read(folder, log)).map((one) => [one.attemptId, one]));
  const saved = new Map(records);
  let writing: Promise<unknown> = Promise.resolve();
  const pathOf = (attemptId: string) => join(folder, `${attemptId}${ENDING}`);

  /** One write after the other, so that the last one stands. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = writing.then(work);
    writing = done.catch(() => undefined);
    return done;
  }
  async function change(
    attemptId: string,
    next: (record: LabelRecord) => Partial<LabelRecord>,
  ): Promise<LabelRecord | undefined> {
    const before = records.get(attemptId);
    if (before === undefined) return undefined;
    const after = { ...before, ...next(before) };
    records.set(attemptId, after);
    await inTurn(async () => {
      await writeDurably(pathOf(attemptId), `${JSON.stringify(after)}\n`);
      saved.set(attemptId, after);
    });
    return after;
  }
  async function forget(attemptId: string): Promise<void> {
    records.delete(attemptId);
    await inTurn(async () => {
      await removeDurably(pathOf(attemptId));
      saved.delete(attemptId);
    });
  }
  const numbered = (entries: readonly LabelEntry[], entry: NewEntry): LabelEntry[] => [
    ...entries,
    {
      reason: null,
      scanned: null,
      operator: null,
      ...entry,
      n: entries.length,
      at: new Date(now()).toISOString(),
    },
  ];

  return {
    all: () => [...records.values()],
    saved: () => [...saved.values()],
    get: (attemptId) => records.get(attemptId),
    async add(record) {
      records.set(record.attemptId, record);
      await change(record.attemptId, () => ({}));
    },
    async begin(attemptId, again, late) {
      await change(attemptId, (record) => ({
        begun: true,
        late: record.late || late,
        entries: again === undefined ? record.entries : numbered(record.entries, again),
      }));
    },
    async notBegun(attemptId) {
      await change(attemptId, () => ({ begun: false }));
    },
    enter: (attemptId, entry) =>
      change(attemptId, (record) => ({ begun: false, entries: numbered(record.entries, entry) })),
    async delivered(attemptId, entries) {
      await change(attemptId, ({ delivered }) => ({ delivered: Math.max(delivered, entries) }));
    },
    forget,
    async prune(keepAfter, isOpen) {
      for (const { attemptId, at, entries, delivered } of [...records.values()]) {
        if (at >= keepAfter || delivered < entries.length || isOpen(attemptId)) continue;
        await forget(attemptId);
      }
    },
  };
}
