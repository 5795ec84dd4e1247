import type { Logger } from "pino";
import { type Delivery, type NotTaken, notTaken, startRounds } from "../deliver/rounds.ts";
import type { Journal } from "../journal/journal.ts";
import type { ServerLink } from "../server/link.ts";
import { isFinal } from "../server/refusal.ts";
import type { TranscriptStore } from "./store.ts";

export interface TranscriptDeliveryOptions {
  readonly store: TranscriptStore;
  readonly journal: Journal;
  readonly link: ServerLink;
  readonly log: Logger;
  readonly random?: () => number;
}

const TIMEOUT_MS = 60_000;

/**
 * Brings transcripts to the server, one at a time and only while no result waits: results come first, always. One that the
 * server will not take is thrown away; it is evidence beside the result, which stands.
 */
export function startTranscriptDelivery(options: TranscriptDeliveryOptions): Delivery {
  const { store, journal } = options;
  return startRounds(async (stopping) => {
    for (const attemptId of await store.list()) {
      if (stopping.aborted || journal.undelivered().length > 0) return "done";
      const sent = await send(attemptId, options, stopping);
      if (sent !== "settled") return sent;
    }
    return "done";
  }, options.random);
}

/** Settled also where there is nothing to send, or the server will never take it. */
async function send(
  attemptId: string,
  { store, link, log }: TranscriptDeliveryOptions,
  signal: AbortSignal,
): Promise<"settled" | NotTaken> {
  const body = await store.read(attemptId);
  if (body === undefined) return "settled";
  const fields = { attemptId, step: "transcript", bytes: body.length };
  try {
    const input = { params: { id: attemptId }, body };
    await link.call("sendTranscript", input, { timeoutMs: TIMEOUT_MS, signal });
    log.debug(fields, "transcript delivered");
  } catch (error) {
    if (!isFinal(error)) return notTaken(error);
    log.warn({ ...fields, code: error.refusal.code }, "the server does not take the transcript");
  }
  await store.forget(attemptId);
  return "settled";
}
