import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { keysRepository, type RevokeRelease } from "./repository.ts";
import { keysService } from "./service.ts";

export function keysFeature(
  app: App,
  { db, bus, queues }: Platform,
  revokeRelease: RevokeRelease,
): Feature {
  const keys = keysService(keysRepository(db, revokeRelease));
  route(app, "addKey", async ({ body, by }) => ({
    status: 201,
    body: await keys.trust(body.name, body.publicKey, by),
  }));
  route(app, "keys", async () => ({ status: 200, body: await keys.list() }));
  route(app, "keyRadius", async ({ params }) => ({
    status: 200,
    body: await keys.radius(params.keyId),
  }));
  route(app, "retireKey", async ({ params, body, by }) => ({
    status: 200,
    body: await keys.retire(params.keyId, body, by),
  }));
  route(app, "revokeKey", async ({ params, body, by }) => {
    const radius = await keys.revoke(params.keyId, body.reason, by);
    for (const { id } of radius.releases) tellLive(bus, { type: "release", releaseId: id });
    void queues.dispatch();
    tellSetupChanged(bus);
    return { status: 200, body: radius };
  });
  return { handlers: {} };
}
