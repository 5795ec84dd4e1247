import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import type { JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";
import type { ServerLink } from "../server/link.ts";
import { isFinal } from "../server/refusal.ts";
import type { Aside } from "./aside.ts";
import { type Delivery, type NotTaken, notTaken, startRounds } from "./rounds.ts";

export interface DeliveryOptions {
  readonly journal: Journal;
  readonly link: ServerLink;
  readonly log: Logger;
  /** Where results go that the server will never take. */
  readonly aside: Aside;
  /** After each result that is settled; `aside` when it was kept aside. */
  readonly onSettled: (attempt: JournaledAttempt, aside: boolean) => void;
  readonly random?: () => number;
}

type Verdict = "settled" | NotTaken;

/**
 * Brings results to the server until each is acknowledged. Results of one unit keep their order; a result that the server
 * will never take is kept aside and does not hold up the others.
 */
export function startDelivery(options: DeliveryOptions): Delivery {
  const { journal, log } = options;
  return startRounds(async (stopping) => {
    let away = false;
    for (const attempt of headsByUnit(journal.undelivered())) {
      if (stopping.aborted) return "done";
      const verdict = await deliver(attempt, options).catch((error: unknown) => failed(log, error));
      if (typeof verdict === "object") return verdict;
      away ||= verdict === "away";
    }
    if (away) return "away";
    return journal.undelivered().length > 0 ? "more" : "done";
  }, options.random);
}

/** The oldest result of every unit. */
function headsByUnit(attempts: readonly JournaledAttempt[]): JournaledAttempt[] {
  const heads = new Map<string, JournaledAttempt>();
  for (const attempt of attempts) {
    const unit = attempt.summary?.serial ?? attempt.attemptId;
    if (!heads.has(unit)) heads.set(unit, attempt);
  }
  return [...heads.values()];
}

function failed(log: Logger, error: unknown): Verdict {
  log.error({ err: error, step: "deliver" }, "delivering a result failed");
  return "away";
}

async function deliver(attempt: JournaledAttempt, options: DeliveryOptions): Promise<Verdict> {
  const { journal, link, log } = options;
  const { attemptId, body = "" } = attempt;
  const fields = { attemptId, nest: attempt.summary?.nest, step: "deliver" };
  try {
    const input = { params: { id: attemptId }, body: new TextEncoder().encode(body) };
    const answer =
      attempt.summary?.golden === true
        ? await link.call("goldenResult", input)
        : await link.call("result", input);
    await journal.settled(attemptId, answer.status === 202 ? "late" : "accepted");
    await options.aside.forget(attemptId);
    log.debug({ ...fields, status: answer.status }, "result acknowledged");
    options.onSettled(attempt, false);
    return "settled";
  } catch (error) {
    if (!isFinal(error)) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ ...fields, reason }, "result waits for the server");
      if (error instanceof FlashlineError && error.code === "agent.journal") throw error;
      return notTaken(error);
    }
    await options.aside.keep(attempt, error.refusal);
    await journal.settled(attemptId, "refused", error.refusal.code);
    log.error({ ...fields, code: error.refusal.code }, "result refused for good, kept aside");
    options.onSettled(attempt, true);
    return "settled";
  }
}
