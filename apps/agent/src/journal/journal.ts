import { FlashlineError } from "@flashline/contract";
import type { AttemptIntent, AttemptSummary, JournalEntry, Settlement } from "./entry.ts";
import { journalPath, openJournalFile } from "./file.ts";
import {
  type Attempts,
  compacted,
  foldEntries,
  foldInto,
  isOpen,
  isUndelivered,
  type JournaledAttempt,
} from "./fold.ts";

/** A day's counters need at most the last day and a half of the journal, in every time zone. */
const KEEP_SUMMARIES_MS = 36 * 3600_000;
const COMPACT_AFTER_SETTLED = 500;

/** A result that was made earlier, at `endedAt` (ISO time). */
export interface ResultAgain {
  readonly attemptId: string;
  readonly body: string;
  readonly summary: AttemptSummary;
  readonly endedAt: string;
}

/** The station's durable record of its attempts. Every method resolves after the entry is on the disk. */
export interface Journal {
  /** Lines that were damaged when the journal was opened (not counting a torn tail). */
  readonly damaged: number;
  intent(intent: AttemptIntent): Promise<void>;
  /** `profile`: what it starts with, where that is not its intent's. */
  started(attemptId: string, profile?: string): Promise<void>;
  touched(attemptId: string): Promise<void>;
  result(attemptId: string, body: string, summary: AttemptSummary): Promise<void>;
  /** The result of an attempt that was settled, or that the journal has forgotten, waits for the server again. */
  again(result: ResultAgain): Promise<void>;
  settled(attemptId: string, as: Settlement, code?: string): Promise<void>;
  get(attemptId: string): JournaledAttempt | undefined;
  /** Attempts that an earlier life of this process left in the middle, oldest first. */
  open(): readonly JournaledAttempt[];
  /** Results that wait for the server, oldest first. */
  undelivered(): readonly JournaledAttempt[];
  /** Finished attempts of the last day and a half, oldest first; the same list until one of them changes. */
  finished(): readonly JournaledAttempt[];
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly now?: () => number;
  readonly compactAfter?: number;
}

/** @throws FlashlineError `agent.journal` when the folder cannot be written; nothing may be flashed then. */
export async function openJournal(dataDir: string, options: JournalOptions = {}): Promise<Journal> {
  const now = options.now ?? Date.now;
  const compactAfter = options.compactAfter ?? COMPACT_AFTER_SETTLED;
  const { file, entries, damaged } = await writable(() => openJournalFile(journalPath(dataDir)));
  let attempts: Attempts = foldEntries(entries);
  /** Those of them that the server has nothing of yet, in the same order: few, however many units there were. */
  let unsettled = unsettledOf(attempts);
  let finished: readonly JournaledAttempt[] | undefined;
  let settledSince = 0;

  const take = (entry: JournalEntry): void => {
    const { attemptId } = entry;
    const wasSettled = attempts.get(attemptId)?.settled !== undefined;
    foldInto(attempts, entry);
    const now = attempts.get(attemptId);
    if (now?.summary !== undefined) finished = undefined;
    if (now?.settled !== undefined) unsettled.delete(attemptId);
    // One that is sent once more has its old place again.
    else if (wasSettled) unsettled = unsettledOf(attempts);
    else if (now !== undefined) unsettled.set(attemptId, now);
  };
  const add = (entry: JournalEntry): Promise<void> =>
    writable(() => file.append(entry, () => take(entry)));
  const stamp = (): string => new Date(now()).toISOString();
  const compact = (): Promise<void> =>
    file.rewrite(() => {
      const kept = compacted(attempts, new Date(now() - KEEP_SUMMARIES_MS).toISOString());
      attempts = foldEntries(kept);
      unsettled = unsettledOf(attempts);
      finished = undefined;
      return kept;
    });
  if (entries.length > 0) await writable(compact);

  const waiting = (wanted: (attempt: JournaledAttempt) => boolean) =>
    [...unsettled.values()].filter(wanted);

  return {
    damaged,
    intent: (intent) => add({ ...intent, entry: "intent", at: stamp() }),
    started: (attemptId, profile) =>
      add({
        entry: "started",
        at: stamp(),
        attemptId,
        ...(profile === undefined ? {} : { profile }),
      }),
    touched: (attemptId) => add({ entry: "touched", at: stamp(), attemptId }),
    result: (attemptId, body, summary) =>
      add({ entry: "result", at: stamp(), attemptId, body, summary }),
    async again({ attemptId, body, summary, endedAt }) {
      if (attempts.get(attemptId)?.settled === undefined && attempts.has(attemptId)) return;
      await add({ entry: "result", at: endedAt, attemptId, body, summary });
    },
    async settled(attemptId, as, code) {
      const withCode = code === undefined ? {} : { code };
      await add({ entry: "settled", at: stamp(), attemptId, as, ...withCode });
      if (++settledSince < compactAfter) return;
      settledSince = 0;
      // The settlement stands. A disk that cannot be written refuses the next entry, and a full one may still have room for it.
      await compact().catch(() => undefined);
    },
    get: (attemptId) => attempts.get(attemptId),
    open: () => waiting(isOpen),
    undelivered: () => waiting(isUndelivered),
    finished() {
      finished ??= [...attempts.values()].filter(({ summary }) => summary !== undefined);
      return finished;
    },
    close: () => file.close(),
  };
}

const unsettledOf = (attempts: Attempts): Attempts =>
  new Map([...attempts].filter(([, { settled }]) => settled === undefined));

async function writable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("agent.journal", `The journal cannot be written: ${reason}`, {
      cause,
    });
  }
}
