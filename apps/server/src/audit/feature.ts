import { ENDPOINTS, EVENTS, FlashlineError } from "@flashline/contract";
import type { Feature } from "../feature.ts";
import { mustBeAllowed } from "../http/caller.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { mustBeInOrder } from "../selection/stretch.ts";
import { feedOn } from "./feed.ts";
import { readRepository } from "./read.repository.ts";
import { chainReading } from "./reading.ts";
import { sealerRepository } from "./sealer.repository.ts";
import { sealer } from "./sealer.ts";
import { onSealed, tellSealed } from "./topics.ts";
import { verifyRepository } from "./verify.repository.ts";

/** What happened: the sealer, the audit and the feed. */
export function auditFeature(app: App, { bus, db, log, outages }: Platform): Feature {
  const repository = readRepository(db.sql);
  const feed = feedOn(repository);
  const seals = sealer(
    sealerRepository(db),
    (head) => tellSealed(bus, head),
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "events could not be sealed");
    },
  );
  /** A newer server, or one of before, may have recorded kinds that this one does not know. */
  const isKind = async (kind: string) =>
    Object.hasOwn(EVENTS, kind) || (await repository.hasKind(kind));
  const stopListening = onSealed(bus, () => feed.wake());

  route(app, "audit", async ({ query }) => {
    if (query.who !== undefined && query.whoKind === undefined) {
      throw new FlashlineError("request.invalid", "who needs whoKind: names are unique in a kind.");
    }
    mustBeInOrder(query.from, query.to);
    if (query.kind !== undefined && !(await isKind(query.kind))) {
      const what = `kind of event ${query.kind}`;
      throw new FlashlineError("request.not_found", `There is no ${what}.`, {
        parameters: { what },
      });
    }
    const events = await repository.audit(query);
    const isLast = events.length < query.limit;
    const next = isLast ? null : (events.at(-1)?.position ?? null);
    return {
      status: 200,
      body: { events, next, unsealed: await repository.unsealed() },
    };
  });
  const chain = chainReading(verifyRepository(db.sql));
  route(app, "auditChain", async () => ({ status: 200, body: await chain.look() }));
  route(
    app,
    "feed",
    async ({ query, request, signal }) => {
      const body = await feed.after(query.after, query.limit, query.waitMs, signal);
      // Who waited may have been disabled meanwhile.
      if (query.waitMs > 0) mustBeAllowed(ENDPOINTS.feed.access, await app.identify(request));
      return { status: 200, body };
    },
    { patient: true },
  );

  return {
    handlers: {},
    start: () => seals.start(),
    preClose: () => feed.close(),
    async close() {
      stopListening();
      await seals.close();
    },
  };
}
