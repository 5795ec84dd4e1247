import type { NestRefusal } from "@flashline/contract";
import type { Logger } from "pino";
import { backoffMs } from "../deliver/backoff.ts";
import type { Journal } from "../journal/journal.ts";
import type { ServerLink } from "../server/link.ts";
import { isFinal } from "../server/refusal.ts";
import { rest } from "../signals.ts";

export interface GiveBackOptions {
  readonly link: ServerLink;
  readonly journal: Journal;
  readonly log: Logger;
  /** Ends the tries. The next start of the agent gives back the rest. */
  readonly signal: AbortSignal;
  /** The server has the job back, or it had moved on. */
  readonly onGivenBack?: () => void;
}

export interface UntouchedJob {
  readonly jobId: string;
  readonly epoch: number;
  /** When the journal has an intent for it. */
  readonly attemptId?: string;
}

/**
 * Writes down that nothing of the attempt is left to do; where the disk does not take it, later. Never rejects: nobody waits for it, and units in other
 * nests are in work.
 */
export async function settleCancelled(
  attemptId: string,
  code: string,
  { journal, log, signal }: Pick<GiveBackOptions, "journal" | "log" | "signal">,
): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await journal.settled(attemptId, "cancelled", code);
      return;
    } catch (error) {
      log.error({ err: error, attemptId, step: "journal" }, "an end is not on the disk yet");
      await rest(backoffMs(attempt), signal);
    }
  }
}

/** Tells the server that nothing was erased, until it answers for good. A refusal settles it too: the job has moved on. Never rejects. */
export async function giveBack(
  job: UntouchedJob,
  refusal: NestRefusal,
  options: GiveBackOptions,
): Promise<void> {
  const { link, log, signal } = options;
  const fields = { jobId: job.jobId, attemptId: job.attemptId, step: "give-back" };
  const body = {
    epoch: job.epoch,
    code: refusal.code.slice(0, 80),
    message: refusal.detail.slice(0, 500),
  };
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await link.call("cancelJob", { params: { id: job.jobId }, body }, { signal });
      log.info({ ...fields, code: refusal.code }, "job given back, nothing was erased");
      break;
    } catch (error) {
      if (isFinal(error)) {
        log.warn({ ...fields, code: error.refusal.code }, "the job had moved on");
        break;
      }
      await rest(backoffMs(attempt), signal);
    }
  }
  if (signal.aborted) return;
  options.onGivenBack?.();
  if (job.attemptId !== undefined) await settleCancelled(job.attemptId, refusal.code, options);
}
