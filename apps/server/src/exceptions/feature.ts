import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { keysRepository, type RevokeRelease } from "../keys/repository.ts";
import { keysService } from "../keys/service.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { exceptionsRepository } from "./repository.ts";
import { exceptionsService } from "./service.ts";

export function exceptionsFeature(
  app: App,
  { db, bus }: Platform,
  revokeRelease: RevokeRelease,
): Feature {
  const exceptions = exceptionsService({
    repository: exceptionsRepository(db),
    keys: keysService(keysRepository(db, revokeRelease)),
    changed({ releaseId }) {
      if (releaseId !== null) tellLive(bus, { type: "release", releaseId });
      tellSetupChanged(bus);
    },
  });
  route(app, "exceptions", async ({ query }) => ({
    status: 200,
    body: await exceptions.list(query),
  }));
  route(app, "exception", async ({ params }) => ({
    status: 200,
    body: await exceptions.detail(params.id),
  }));
  route(app, "addException", async ({ body, by }) => {
    const { created, exception } = await exceptions.add(body, by);
    return { status: created ? 201 : 200, body: exception };
  });
  route(app, "withdrawException", async ({ params, body, by }) => ({
    status: 200,
    body: await exceptions.withdraw(params.id, body.reason, by),
  }));
  return { handlers: {} };
}
