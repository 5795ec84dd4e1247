import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { keysRepository } from "../keys/repository.ts";
import { keysService } from "../keys/service.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { imageElsewhere } from "../storage/blobs.ts";
import { releasesRepository } from "./repository.ts";
import { releasesService } from "./service.ts";

const LOST_EVERY_MS = 15_000;

export function releasesFeature(
  app: App,
  { db, bus, blobs, queues }: Platform,
): Feature<"release"> {
  const releases = releasesService({
    repository: releasesRepository(db),
    keys: keysService(keysRepository(db)),
    async readImage(sha256) {
      const bytes = await blobs.read(sha256);
      if (bytes === undefined) throw imageElsewhere(sha256);
      return bytes;
    },
    changed(releaseId) {
      void queues.dispatch();
      tellLive(bus, { type: "release", releaseId });
      tellSetupChanged(bus);
    },
  });
  route(app, "publish", async ({ body, by }) => {
    const { created, release } = await releases.publish(body, by);
    return { status: created ? 201 : 200, body: release };
  });
  route(app, "releases", async ({ query }) => ({
    status: 200,
    body: await releases.list(query),
  }));
  route(app, "release", async ({ params }) => ({
    status: 200,
    body: await releases.view(params.id),
  }));
  route(app, "promote", async ({ params, by }) => ({
    status: 200,
    body: await releases.promote(params.id, by),
  }));
  route(app, "revoke", async ({ params, body, by }) => ({
    status: 200,
    body: await releases.revoke(params.id, body.reason, by),
  }));
  return {
    handlers: {
      async release(drafts) {
        for (const { releaseId } of drafts) await releases.check(releaseId);
      },
    },
    tasks: [
      {
        name: "unchecked-releases",
        everyMs: LOST_EVERY_MS,
        async run() {
          if ((await releases.announceLost()) > 0) await queues.dispatch();
        },
      },
    ],
  };
}
