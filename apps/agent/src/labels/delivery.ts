import type { Logger } from "pino";
import { type Delivery, notTaken, startRounds } from "../deliver/rounds.ts";
import type { Journal } from "../journal/journal.ts";
import type { ServerLink } from "../server/link.ts";
import { isFinal } from "../server/refusal.ts";
import type { LabelStore } from "./store.ts";

export interface LabelDeliveryOptions {
  readonly store: LabelStore;
  readonly journal: Pick<Journal, "undelivered">;
  readonly link: Pick<ServerLink, "call">;
  readonly log: Logger;
  readonly random?: () => number;
}

/**
 * Tells the server what became of labels, each behind the result of its attempt. Only what is on the disk is told: another life of the
 * agent would tell it otherwise. A history that the server refuses for good stays on the
 * disk and is sent again by the agent's next life.
 */
export function startLabelDelivery(options: LabelDeliveryOptions): Delivery {
  const { store, journal, link, log } = options;
  const refused = new Map<string, number>();
  return startRounds(async (stopping) => {
    const waiting = new Set(journal.undelivered().map(({ attemptId }) => attemptId));
    for (const { attemptId, entries, delivered, serial } of store.saved()) {
      if (stopping.aborted) return "done";
      if (entries.length <= Math.max(delivered, refused.get(attemptId) ?? 0)) continue;
      if (waiting.has(attemptId)) continue;
      try {
        const input = { params: { id: attemptId }, body: { entries: [...entries] } };
        await link.call("reportLabel", input, { signal: stopping });
        await store.delivered(attemptId, entries.length);
      } catch (error) {
        if (!isFinal(error)) return notTaken(error);
        refused.set(attemptId, entries.length);
        const { code, message } = error.refusal;
        log.error(
          { step: "label", attemptId, serial, code, message },
          "a label's history is refused",
        );
      }
    }
    return "done";
  }, options.random);
}
