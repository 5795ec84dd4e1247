import type { LedgerEvent } from "@flashline/contract";
import { backOffS, MOST_TRIES, meaningOf, sayAnswer } from "./answer.ts";
import type { DeliveryRepository, Leased } from "./delivery.repository.ts";
import { kindsOf, messageOf } from "./message.ts";
import type { PostAnswer, Poster } from "./post.ts";
import { signedHeaders } from "./sign.ts";

/** An endpoint that takes nothing for so long is switched off. Seconds: three days. */
const OFF_AFTER_S = 3 * 86_400;

/** Opens the secrets of a webhook. */
export type SecretsOf = (webhookId: string) => Promise<readonly string[]>;

/** An event about a webhook is not sent to that webhook: one that fails would have itself to tell of. */
const isAboutItself = ({ subject }: LedgerEvent, id: string): boolean =>
  subject.kind === "webhook" && subject.id === id;

/** Delivers to webhooks that are due: each on its own, so that a slow one holds up no other. */
export function deliverer(
  repository: DeliveryRepository,
  { post }: Pick<Poster, "post">,
  secretsOf: SecretsOf,
  onError: (error: unknown) => void,
) {
  const running = new Map<string, Promise<void>>();
  const closing = new AbortController();

  async function send(webhook: Leased, event: LedgerEvent): Promise<PostAnswer> {
    const secrets = await secretsOf(webhook.id);
    if (secrets.length === 0) {
      const error = "this server's key does not open its secret: give it another one (rotate)";
      return { status: null, error, retryAfterS: null, ms: 0 };
    }
    const body = messageOf(event);
    const headers = signedHeaders(secrets, event.id, Math.floor(Date.now() / 1_000), body);
    return await post(webhook.url, headers, body, closing.signal);
  }

  /** Whether the next message may be sent at once. */
  async function failed(webhook: Leased, event: LedgerEvent, answer: PostAnswer): Promise<boolean> {
    const error = sayAnswer(answer);
    const meaning = meaningOf(answer);
    if (meaning === "gone") {
      await repository.off(webhook, `It ${error}: it wants no messages any more.`);
      return false;
    }
    if ((webhook.failingS ?? 0) > OFF_AFTER_S) {
      await repository.off(webhook, `It took nothing for three days. The last time it ${error}.`);
      return false;
    }
    if (meaning === "refused" && webhook.tries + 1 >= MOST_TRIES) {
      return await repository.die(webhook, event, error);
    }
    await repository.fail(webhook, error, backOffS(webhook.tries + 1, answer.retryAfterS));
    return false;
  }

  /** Everything that there is, in the order of positions; returns when there is no more, or when something fails. */
  async function deliver(leased: Leased): Promise<void> {
    let webhook = leased;
    const kinds = kindsOf(webhook.kinds);
    for (const event of await repository.replays(webhook.id)) {
      const answer = await send(webhook, event);
      if (closing.signal.aborted) return await repository.release(webhook);
      if (meaningOf(answer) === "took") {
        await repository.tookLetter(webhook, event.position);
        if (!(await repository.advance(webhook, 0, true))) return;
        webhook = { ...webhook, tries: 0, failingS: null };
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
        if (closing.signal.aborted) return await repository.release(webhook);
        const isTaken = meaningOf(answer) === "took";
        const goesOn = isTaken
          ? await repository.advance(webhook, event.position, true)
          : await failed(webhook, event, answer);
        if (!goesOn) return;
        const failingS = isTaken ? null : (webhook.failingS ?? 0);
        webhook = { ...webhook, tries: 0, failingS, position: event.position };
      }
      if (upTo > webhook.position && !(await repository.advance(webhook, upTo, false))) return;
      webhook = { ...webhook, position: upTo };
      if (end || closing.signal.aborted) return await repository.release(webhook);
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
