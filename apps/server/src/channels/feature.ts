import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { channelsService } from "./service.ts";

export function channelsFeature(app: App, { db, bus }: Platform): Feature {
  const channels = channelsService(db);
  route(app, "channels", async ({ query }) => ({
    status: 200,
    body: await channels.list(query.product),
  }));
  route(app, "addChannel", async ({ body, by }) => {
    const { created, channel } = await channels.add(body, by);
    return { status: created ? 201 : 200, body: channel };
  });
  route(app, "moveChannel", async ({ params, body, by }) => {
    const channel = await channels.move(params.id, body, by);
    if (channel.releaseId !== null)
      tellLive(bus, { type: "release", releaseId: channel.releaseId });
    tellSetupChanged(bus);
    return { status: 200, body: channel };
  });
  route(app, "removeChannel", async ({ params, query, by }) => {
    await channels.remove(params.id, query.reason, by);
    return { status: 204, body: null };
  });
  return { handlers: {} };
}
