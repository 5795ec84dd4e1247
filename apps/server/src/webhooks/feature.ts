import { FlashlineError } from "@flashline/contract";
import { onSealed } from "../audit/topics.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { newId } from "../ids.ts";
import { looping } from "../looping.ts";
import type { Platform } from "../platform.ts";
import { addresses } from "./address.ts";
import { meaningOf, sayAnswer } from "./answer.ts";
import { deliverer } from "./deliver.ts";
import { deliveryRepository } from "./delivery.repository.ts";
import { testMessage, unknownFilters } from "./message.ts";
import { poster } from "./post.ts";
import { secretPlaceOf, webhooksRepository } from "./repository.ts";
import { sender } from "./send.ts";
import { newWebhookSecret } from "./sign.ts";

/** How often what is due is looked for without being told, milliseconds. */
const LOOK_MS = 2_000;

function mustBeKinds(kinds: readonly string[] = []): void {
  const unknown = unknownFilters(kinds).join(", ");
  if (unknown === "") return;
  throw new FlashlineError("request.invalid", `There are no events of the kind ${unknown}.`, {
    parameters: { kinds: unknown },
  });
}

/** Webhooks: who gets events of the sealed ledger, and their delivery. */
export function webhooksFeature(
  app: App,
  { bus, config, db, log, outages, vault }: Platform,
): Feature {
  const allowed = addresses({ loopback: config.webhookLoopback });
  const webhooks = webhooksRepository(db, (place, secret) => vault.seal(place, secret));
  const delivery = deliveryRepository(db);
  const post = poster(allowed);
  const onError = (err: unknown) => {
    if (!outages.note("database", err)) log.error({ err }, "webhooks could not be delivered");
  };
  const secretsOf = async (webhookId: string): Promise<readonly string[]> => {
    const sealed = await delivery.secrets(webhookId);
    return sealed.flatMap((one) => vault.open(secretPlaceOf(webhookId, one.id), one.sealed) ?? []);
  };
  const send = sender(post, secretsOf);
  const deliver = deliverer(delivery, send, onError);
  const loop = looping(LOOK_MS, () => deliver.look(), onError);
  const stopListening = onSealed(bus, () => loop.wake());

  route(app, "webhooks", async () => ({ status: 200, body: await webhooks.list() }));
  route(app, "addWebhook", async ({ body, by }) => {
    allowed.mustBeUsable(body.url);
    mustBeKinds(body.kinds);
    const secret = newWebhookSecret();
    const webhook = await webhooks.add(body, secret, by);
    return { status: 201, body: { webhook, secret, oldUntil: null } };
  });
  route(app, "changeWebhook", async ({ params, body, by }) => {
    const { url, kinds, on, reason } = body;
    if (url !== undefined) allowed.mustBeUsable(url);
    mustBeKinds(kinds);
    const changed = await webhooks.change(params.id, { url, kinds, on }, reason, by);
    loop.wake();
    return { status: 200, body: changed };
  });
  route(app, "removeWebhook", async ({ params, by }) => ({
    status: 200,
    body: await webhooks.remove(params.id, by),
  }));
  route(app, "rotateWebhookSecret", async ({ params, body, by }) => {
    const secret = newWebhookSecret();
    const rotated = await webhooks.rotate(params.id, secret, body.overlapHours, by);
    return { status: 200, body: { ...rotated, secret } };
  });
  route(
    app,
    "testWebhook",
    async ({ params, by, signal }) => {
      const webhook = await webhooks.one(params.id);
      const body = testMessage(webhook.name, new Date());
      const answer = await send(webhook, newId(), body, signal);
      const { status, ms } = answer;
      const ok = meaningOf(answer) === "took";
      await webhooks.tested(webhook, ok, status, by);
      return { status: 200, body: { ok, status, ms, error: ok ? null : sayAnswer(answer) } };
    },
    { patient: true },
  );
  route(app, "deadLetters", async ({ params, query }) => {
    const { id } = await webhooks.one(params.id);
    return { status: 200, body: await webhooks.letters(id, query.after, query.limit) };
  });
  route(app, "replayWebhook", async ({ params, body, by }) => {
    const positions = body.positions ?? null;
    const letters = await webhooks.replay(params.id, positions, body.discard, by);
    loop.wake();
    return { status: 200, body: { letters } };
  });

  return {
    handlers: {},
    start() {
      if (config.sends) loop.start();
    },
    async close() {
      stopListening();
      await loop.close();
      await deliver.close();
      post.close();
    },
  };
}
