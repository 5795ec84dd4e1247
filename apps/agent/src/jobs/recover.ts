import type { NestRefusal } from "@flashline/contract";
import type { Logger } from "pino";
import type { JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";
import { refusalFrom } from "../server/refusal.ts";
import type { FreePlace } from "../station/granted.ts";
import type { SeenResults } from "../station/seen.ts";
import { type GiveBackOptions, giveBack } from "./give-back.ts";
import { giveUpCheck } from "./give-up-check.ts";
import { bodyOf, interruptedResult } from "./result.ts";

/** What a nest must show of its last attempt before this process began. */
export interface RestoredNest {
  readonly nest: string;
  readonly serial: string;
  /** Of a FAIL that was not acknowledged. Null: the nest only knows which unit it had. */
  readonly refusal: NestRefusal | null;
}

/**
 * Settles the attempts that an earlier life of this process did not finish. After the first erase the attempt is a FAIL
 * `attempt.interrupted`, with the recorded host. Before it the job is given back in the background, or its place under a grant is free again. A FAIL that was not seen yet
 * is shown. A PASS is not shown, because another unit may be on the port by now.
 */
export async function recoverAttempts(
  journal: Journal,
  seen: Pick<SeenResults, "has">,
  log: Logger,
  giveBackOptions: GiveBackOptions,
  freePlace: FreePlace,
): Promise<RestoredNest[]> {
  const restored = new Map<string, RestoredNest>();
  for (const attempt of journal.finished()) {
    const { summary } = attempt;
    if (summary === undefined) continue;
    const { nest, serial } = summary;
    restored.set(nest, { nest, serial, refusal: unseenFail(attempt, seen) });
  }
  for (const attempt of journal.open()) {
    const { attemptId, intent } = attempt;
    if (!attempt.touched) {
      if (intent === undefined) continue;
      const { jobId, epoch, grant } = intent;
      if (intent.golden === true) {
        void giveUpCheck(attemptId, endedBefore(), true, giveBackOptions);
        continue;
      }
      if (grant !== undefined) {
        // The server knows nothing of it. The first erase waits for the journal, which has none.
        await journal.settled(attemptId, "cancelled", "attempt.cancelled");
        await freePlace(grant.id, jobId);
        continue;
      }
      void giveBack({ jobId, epoch, attemptId }, endedBefore(), giveBackOptions);
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
      code: "attempt.interrupted",
      ...(intent.golden === true ? { golden: true } : {}),
    });
    restored.set(nest, { nest, serial, refusal: refusalFrom("attempt.interrupted") });
    log.warn({ attemptId, nest, jobId: intent.jobId, step: "recover" }, "interrupted attempt");
  }
  return [...restored.values()];
}

const endedBefore = (): NestRefusal =>
  refusalFrom("attempt.cancelled", "The agent ended before the first erase.");

function unseenFail(
  { attemptId, summary }: JournaledAttempt,
  seen: Pick<SeenResults, "has">,
): NestRefusal | null {
  const code = summary?.outcome === "FAIL" ? summary.code : undefined;
  if (summary === undefined || typeof code !== "string") return null;
  return seen.has(summary.nest, attemptId) ? null : refusalFrom(code);
}
