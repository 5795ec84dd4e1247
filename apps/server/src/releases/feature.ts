import { canaryJudge } from "../canary/judge.ts";
import { canaryService } from "../canary/service.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { keysRepository } from "../keys/repository.ts";
import { keysService } from "../keys/service.ts";
import { tellLive } from "../live/topics.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { imageBytes } from "../storage/blobs.ts";
import { releaseReach } from "./reach.ts";
import { releasesRepository } from "./repository.ts";
import { revokeOn } from "./revoke.ts";
import { releasesService } from "./service.ts";

const LOST_EVERY_MS = 15_000;

/** Names with commas between them, each once. */
const listOf = (names = ""): readonly string[] => [
  ...new Set(names.split(",").flatMap((name) => name.trim() || [])),
];

export function releasesFeature(
  app: App,
  { db, bus, blobs, log, outages, queues }: Platform,
): Feature<"release"> {
  const releases = releasesService({
    repository: releasesRepository(db),
    keys: keysService(keysRepository(db, revokeOn)),
    readImage: (sha256) => imageBytes(blobs, sha256),
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
  const reach = releaseReach(db.sql, releases.mustBeReady);
  route(app, "releaseDryRun", async ({ params, query }) => {
    const { units = null, predecessor = null } = query;
    const names = listOf(query.stations);
    const canary = { stations: names.length === 0 ? null : names, units, predecessor };
    const channels = listOf(query.channels);
    return { status: 200, body: await reach.dryRun(params.id, canary, channels) };
  });
  route(app, "releaseRadius", async ({ params }) => ({
    status: 200,
    body: await reach.radius(params.id),
  }));
  route(app, "withdrawRelease", async ({ params, body, by }) => {
    await releases.withdraw(params.id, body.reason, by);
    return { status: 204, body: null };
  });
  route(app, "promote", async ({ params, query, by }) => {
    const also = {
      moveOrders: query.moveOrders === "true",
      reason: query.reason,
      channels: listOf(query.channels),
    };
    return { status: 200, body: await releases.promote(params.id, also, by) };
  });
  route(app, "revoke", async ({ params, body, by }) => ({
    status: 200,
    body: await releases.revoke(params.id, body.reason, by),
  }));
  /** Stations hear of it at once: what their next unit gets may be another release now. */
  function canaryChanged(id: string, stationIds?: readonly string[]): void {
    tellLive(bus, { type: "release", releaseId: id });
    tellSetupChanged(bus, stationIds);
  }
  const canaries = canaryService(db);
  const judge = canaryJudge(
    db,
    (id) => canaryChanged(id),
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "canaries could not be judged");
    },
  );
  route(app, "startCanary", async ({ params, body, by }) => {
    await releases.mustBeReady(params.id);
    canaryChanged(params.id, await canaries.start(params.id, body, by));
    return { status: 200, body: await releases.view(params.id) };
  });
  route(app, "pauseCanary", async ({ params, body, by }) => {
    canaryChanged(params.id, await canaries.pause(params.id, body.reason, by));
    return { status: 200, body: await releases.view(params.id) };
  });
  route(app, "resumeCanary", async ({ params, body, by }) => {
    canaryChanged(params.id, await canaries.resume(params.id, body, by));
    return { status: 200, body: await releases.view(params.id) };
  });
  return {
    start: () => judge.start(),
    close: () => judge.close(),
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
