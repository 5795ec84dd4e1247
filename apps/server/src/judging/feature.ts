import { FlashlineError } from "@flashline/contract";
import { onSealed } from "../audit/topics.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { newId } from "../ids.ts";
import { tellLive } from "../live/topics.ts";
import { looping } from "../looping.ts";
import type { Platform } from "../platform.ts";
import { follower } from "./follow.ts";
import { verdictsOf } from "./history.repository.ts";
import { previewRepair, recordRepair } from "./repairs.repository.ts";

/** How often it is looked for results without being told, milliseconds. */
const LOOK_MS = 2_000;

/** The verdict on hosts: it follows the sealed ledger, tells what led to it, and takes repairs. */
export function judgingFeature(app: App, { bus, db, log, outages }: Platform): Feature {
  const follow = follower(db, newId());
  let closed = false;
  async function followAll(): Promise<void> {
    for (let more = true; more && !closed; ) {
      const turn = await follow.turn();
      if (turn.changed.length > 0) tellLive(bus, { type: "hosts" });
      more = turn.more;
    }
  }
  const loop = looping(LOOK_MS, followAll, (err) => {
    if (!outages.note("database", err)) log.error({ err }, "the verdict could not go on");
  });
  const stopListening = onSealed(bus, () => loop.wake());

  route(app, "hostVerdicts", async ({ params }) => {
    const body = await verdictsOf(db, params.id, new Date());
    if (body === undefined) throw new FlashlineError("request.not_found");
    return { status: 200, body };
  });
  route(app, "previewHostRepair", async ({ params }) => ({
    status: 200,
    body: await previewRepair(db, params.id),
  }));
  route(app, "repairHost", async ({ params, body, by }) => ({
    status: 201,
    body: await recordRepair(db, params.id, body, by),
  }));

  return {
    handlers: {},
    start() {
      loop.start();
      loop.wake();
    },
    async close() {
      closed = true;
      stopListening();
      await loop.close();
    },
  };
}
