import type { AttemptSummary, Intent, JournalEntry, Settlement } from "./entry.ts";

/** One attempt as far as the journal tells. */
export interface JournaledAttempt {
  readonly attemptId: string;
  readonly at: string;
  readonly intent?: Intent;
  readonly started: boolean;
  /** The profile that it started with, where that is not its intent's. */
  readonly profile?: string;
  readonly touched: boolean;
  readonly body?: string;
  readonly summary?: AttemptSummary;
  /** When the result was made. */
  readonly endedAt?: string;
  readonly settled?: Settlement;
  readonly settledCode?: string;
}

/** By attempt id, in the order in which they began. */
export type Attempts = Map<string, JournaledAttempt>;

/** The attempts that these entries tell of. */
export function foldEntries(entries: readonly JournalEntry[]): Attempts {
  const attempts: Attempts = new Map();
  for (const entry of entries) foldInto(attempts, entry);
  return attempts;
}

/** Adds one entry. An entry of an unknown attempt begins one: losing a line must not lose the next. */
export function foldInto(attempts: Attempts, entry: JournalEntry): void {
  const { attemptId } = entry;
  const before = attempts.get(attemptId) ?? {
    attemptId,
    at: entry.at,
    started: false,
    touched: false,
  };
  attempts.set(attemptId, { ...unsettledBy(entry, before), ...changeBy(entry) });
}

/** A result after a settlement is to be sent once more. */
function unsettledBy(entry: JournalEntry, before: JournaledAttempt): JournaledAttempt {
  if (entry.entry !== "result" || before.settled === undefined) return before;
  const { settled: _, settledCode: __, ...unsettled } = before;
  return unsettled;
}

function changeBy(entry: JournalEntry): Partial<JournaledAttempt> {
  switch (entry.entry) {
    case "intent":
      return { intent: entry };
    case "started":
      return {
        started: true,
        ...(entry.profile === undefined ? {} : { profile: entry.profile }),
      };
    case "touched":
      return { touched: true };
    case "result":
      return { body: entry.body, summary: entry.summary, endedAt: entry.at };
    case "settled":
      return {
        settled: entry.as,
        ...(entry.code === undefined ? {} : { settledCode: entry.code }),
      };
    case "summary":
      return { summary: entry.summary, endedAt: entry.at, settled: "accepted" };
  }
}

const startedEntry = ({ attemptId, at, profile }: JournaledAttempt): JournalEntry => ({
  entry: "started",
  at,
  attemptId,
  ...(profile === undefined ? {} : { profile }),
});

/** Cut off in the middle: no result was made, and the job was not given back. */
export const isOpen = (attempt: JournaledAttempt): boolean =>
  attempt.body === undefined && attempt.settled === undefined;

/** Has a result that the server did not acknowledge yet. */
export const isUndelivered = (attempt: JournaledAttempt): boolean =>
  attempt.body !== undefined && attempt.settled === undefined;

/**
 * What compaction keeps: everything of attempts that are not settled, and of settled ones a summary while it is younger than
 * `keepAfter` (ISO time). Refused results stay in the folder for results kept aside, not here.
 */
export function compacted(
  attempts: ReadonlyMap<string, JournaledAttempt>,
  keepAfter: string,
): JournalEntry[] {
  return [...attempts.values()].flatMap((attempt): JournalEntry[] => {
    const { attemptId, at, intent, summary, body, endedAt = at } = attempt;
    if (attempt.settled !== undefined) {
      if (summary === undefined || endedAt < keepAfter) return [];
      return [{ entry: "summary", at: endedAt, attemptId, summary }];
    }
    return [
      ...(intent === undefined ? [] : [intent]),
      ...(attempt.started ? [startedEntry(attempt)] : []),
      ...(attempt.touched ? [{ entry: "touched" as const, at, attemptId }] : []),
      ...(body === undefined || summary === undefined
        ? []
        : [{ entry: "result" as const, at: endedAt, attemptId, body, summary }]),
    ];
  });
}
