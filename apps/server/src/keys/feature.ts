import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { keysRepository } from "./repository.ts";
import { keysService } from "./service.ts";

export function keysFeature(app: App, { db }: Platform): Feature {
  const keys = keysService(keysRepository(db));
  route(app, "addKey", async ({ body, by }) => ({
    status: 201,
    body: await keys.trust(body.name, body.publicKey, by),
  }));
  route(app, "keys", async () => ({ status: 200, body: await keys.list() }));
  route(app, "revokeKey", async ({ params, body, by }) => ({
    status: 200,
    body: await keys.revoke(params.keyId, body.reason, by),
  }));
  return { handlers: {} };
}
