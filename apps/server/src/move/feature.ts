import { CREDENTIALS_TOPIC } from "../auth/feature.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { moveService } from "./service.ts";

/** Stations that are moved from line to line. */
export function moveFeature(app: App, { db, bus }: Platform): Feature {
  const moves = moveService(db);
  route(app, "previewMove", async ({ params, query }) => ({
    status: 200,
    body: await moves.preview(params.id, query),
  }));
  route(app, "moveStation", async ({ params, body, by }) => {
    const { stationId, isSame, move } = await moves.move(params.id, body, by);
    if (!isSame) {
      // Who it is, and so in which plant, is remembered by every replica.
      bus.publish(CREDENTIALS_TOPIC, {});
      tellSetupChanged(bus, [stationId]);
    }
    return { status: 200, body: move };
  });
  return { handlers: {} };
}
