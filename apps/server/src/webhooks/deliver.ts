import type { LedgerEvent } from "@flashline/contract";
import { backOffS, MOST_TRIES, meaningOf, sayAnswer } from "./answer.ts";
import type { DeliveryRepository, Leased } from "./delivery.repository.ts";
import { kindsOf, messageOf } from "./message.ts";
import type { PostAnswer } from "./post.ts";
import type { Send } from "./send.ts";

/** An endpoint that takes nothing for so long is switched off. Seconds: three days. */
const OFF_AFTER_S = 3 * 86_400;

/** An event about a webhook is not sent to that webhook: one that fails would have itself to tell of. */
const isAboutItself = ({ subject }: LedgerEvent, id: string): boolean =>
  subject.kind === "webhook" && subject.id === id;

/** Delivers to webhooks that are due: each on its own, so that a slow one holds up no other. */
export function deliverer(
  repository: DeliveryRepository,
  sendTo: Send,
  onError: (error: unknown) => void,
) {
  const running = new Map<string, Promise<void>>();
  const closing = new AbortController();

  const send = (webhook: Leased, event: LedgerEvent): Promise<PostAnswer> =>
    sendTo(webhook, event.id, messageOf(event), closing.signal);

  /** Whether the next message may be sent at once. */
  async function failed(webhook: Leased, event: LedgerEvent, answer: PostAnswer): Promise<boolean> {
    const error = sayAnswer(answer);
    const meaning = meaningOf(answer);
    if (meaning === "gone") {
      await repository.off(webhook, `It ${error}: it wants no messages any more.`);
      return false;
    }
    if ((webhook.failingS ?? 0) > OFF_AFTER_S) {
      await repository.off(webhook, `It took nothing for three days. The last time: ${error}.`);
      return false;
    }
    const refused = meaning === "refused";
    if (refused && webhook.refusals + 1 >= MOST_TRIES) {
      return await repository.die(webhook, event, error);
    }
    await repository.fail(webhook, error, backOffS(webhook.tries + 1, answer.retryAfterS), refused);
    return false;
  }

  /** Everything that there is, in the order of positions; returns when there is no more, or when something fails. */
  async function deliver(leased: Leased): Promise<void> {
    let webhook = leased;
    const kinds = kindsOf(webhook.kinds);
    for (;;) {
      const event = await repository.replay(webhook.id);
      if (event === undefined) break;
      const answer = await send(webhook, event);
      if (closing.signal.aborted) return await repository.release(webhook, false);
      if (meaningOf(answer) === "took") {
        await repository.tookLetter(webhook, event.position);
        if (!(await repository.advance(webhook, 0, true))) return;
        webhook = { ...webhook, tries: 0, refusals: 0, failingS: null };
      } else if (meaningOf(answer) === "refused") {
        if (!(await repository.die(webhook, event, sayAnswer(answer)))) return;
      } else if (!(await failed(webhook, event, answer))) return;
    }
    for (;;) {
      const { events, upTo, end } = await repository.next(webhook.position, kinds);
      for (const event of events) {
        if (isAboutItself(event, webhook.id)) continue;
        const answer = await send(webhook, event);
        // Ended by us: what became of it is not known, and it is sent again.
        if (closing.signal.aborted) return await repository.release(webhook, false);
        const isTaken = meaningOf(answer) === "took";
        const goesOn = isTaken
          ? await repository.advance(webhook, event.position, true)
          : await failed(webhook, event, answer);
        if (!goesOn) return;
        const failingS = isTaken ? null : (webhook.failingS ?? 0);
        webhook = { ...webhook, tries: 0, refusals: 0, failingS, position: event.position };
      }
      if (upTo > webhook.position && !(await repository.advance(webhook, upTo, false))) return;
      webhook = { ...webhook, position: upTo };
      if (end || closing.signal.aborted) return await repository.release(webhook, end);
    }
  }

  return {
    /** Begins with what is due, and does not wait for it. */
    async look(): Promise<void> {
      if (closing.signal.aborted) return;
      for (const webhook of await repository.lease()) {
        const work = deliver(webhook)
          .catch(onError)
          .then(() => {
            if (running.get(webhook.id) === work) running.delete(webhook.id);
          });
        running.set(webhook.id, work);
      }
    },
    async close(): Promise<void> {
      closing.abort();
      await Promise.all(running.values());
    },
  };
}
