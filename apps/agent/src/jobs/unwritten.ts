import { type AttemptResult, describeCode } from "@flashline/contract";
import type { Logger } from "pino";
import { backoffMs } from "../deliver/backoff.ts";
import type { AttemptSummary } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { rest } from "../signals.ts";
import { bodyOf } from "./result.ts";

/** Results that the disk did not take when their attempts ended. */
export interface UnwrittenResults {
  /**
   * Writes the result as soon as the disk takes it. It is a FAIL, because that is what its nest shows. Returns at once. Where the agent ends before, its next
   * start finds an interrupted attempt.
   */
  keep(result: AttemptResult, summary: AttemptSummary): void;
}

export interface UnwrittenOptions {
  readonly journal: Pick<Journal, "result">;
  readonly log: Logger;
  /** Ends the tries. */
  readonly signal: AbortSignal;
  readonly onWritten: () => void;
}

const CODE = "agent.journal";

function asFail(result: AttemptResult): AttemptResult {
  if (result.outcome === "FAIL") return result;
  const { blame, meaning: detail } = describeCode(CODE);
  return { ...result, outcome: "FAIL", code: CODE, blame, detail };
}

export function unwrittenResults({
  journal,
  log,
  signal,
  onWritten,
}: UnwrittenOptions): UnwrittenResults {
  async function write(result: AttemptResult, summary: AttemptSummary): Promise<void> {
    const { attemptId, outcome, code } = result;
    for (let attempt = 1; !signal.aborted; attempt++) {
      await rest(backoffMs(attempt), signal);
      if (signal.aborted) return;
      try {
        await journal.result(attemptId, bodyOf(result), { ...summary, outcome, code });
      } catch {
        continue;
      }
      log.warn({ attemptId, step: "journal" }, "the disk has taken the result");
      return onWritten();
    }
  }
  return { keep: (result, summary) => void write(asFail(result), summary) };
}

/** Writes a result down; where the disk does not take it, later. @throws FlashlineError `agent.journal` in that case. */
export async function writeResult(
  { journal, unwritten }: { readonly journal: Journal; readonly unwritten: UnwrittenResults },
  result: AttemptResult,
  summary: AttemptSummary,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  try {
    await before();
    await journal.result(result.attemptId, bodyOf(result), summary);
  } catch (error) {
    // One that changed nothing is given back.
    if (result.touched) unwritten.keep(result, summary);
    throw error;
  }
}
