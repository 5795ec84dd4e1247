import type { Logger } from "pino";
import type { Journal } from "../journal/journal.ts";
import type { Refusal } from "../nests/nest.ts";
import { refusalFrom } from "../server/refusal.ts";
import { type GiveBackOptions, giveBack } from "./give-back.ts";
import { bodyOf, interruptedResult } from "./result.ts";

/** What a nest must show of its last attempt before this process began. */
export interface RestoredNest {
  readonly nest: string;
  readonly serial: string;
  /** Null when the attempt had ended. */
  readonly refusal: Refusal | null;
}

/**
 * Settles what an earlier life of this process left in the middle: after the first erase it is a FAIL
 * `attempt.interrupted`, with the host that was recorded; before it the job is given back in the background.
 */
export async function recoverAttempts(
  journal: Journal,
  log: Logger,
  giveBackOptions: GiveBackOptions,
): Promise<RestoredNest[]> {
  const restored = new Map<string, RestoredNest>();
  for (const { summary } of journal.finished()) {
    if (summary === undefined) continue;
    restored.set(summary.nest, { nest: summary.nest, serial: summary.serial, refusal: null });
  }
  for (const attempt of journal.open()) {
    const { attemptId, intent } = attempt;
    if (!attempt.touched) {
      if (intent === undefined) continue;
      const { jobId, epoch } = intent;
      const refusal = refusalFrom("attempt.cancelled", "The agent ended before the first erase.");
      void giveBack({ jobId, epoch, attemptId }, refusal, giveBackOptions);
      continue;
    }
    const result = interruptedResult(attempt, new Date().toISOString());
    if (result === undefined || intent === undefined) {
      log.error({ attemptId, step: "recover" }, "the journal has lost what this attempt was");
      await journal.settled(attemptId, "refused", "agent.journal");
      continue;
    }
    const { serial, nest } = intent;
    await journal.result(attemptId, bodyOf(result), {
      serial,
      nest,
      outcome: "FAIL",
      durationMs: 0,
    });
    restored.set(nest, { nest, serial, refusal: refusalFrom("attempt.interrupted") });
    log.warn({ attemptId, nest, jobId: intent.jobId, step: "recover" }, "interrupted attempt");
  }
  return [...restored.values()];
}
