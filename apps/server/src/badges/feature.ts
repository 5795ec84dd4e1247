import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { triesOn } from "../limits/tries.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { badgesRepository } from "./repository.ts";
import { badgesService } from "./service.ts";
import { takeBadgeTry } from "./tries.ts";

/** Whether the caller has what an ETag names already (RFC 9110, section 13.1.2: weak comparison). */
const hasAlready = (header: string | undefined, etag: string): boolean =>
  header?.split(",").some((one) => one.trim().replace(/^W\//, "") === etag) ?? false;

/** Badges, the keys by which they are known, and what stations hold of them. Stations ask for it again when they are told to. */
export function badgesFeature(app: App, { db, bus, vault }: Platform): Feature {
  const badges = badgesService(badgesRepository(db), vault);
  const tries = triesOn(db.sql);

  route(app, "badges", async ({ query }) => ({ status: 200, body: await badges.list(query) }));
  route(app, "giveBadge", async ({ params, body: { content, reason }, caller, by }) => {
    const { isNew, badge } = await badges.give(params.id, content, reason, caller, by);
    if (isNew) tellSetupChanged(bus);
    return { status: isNew ? 201 : 200, body: badge };
  });
  route(app, "endBadge", async ({ params, body: { as, reason }, caller, by }) => {
    const body = await badges.end(params.id, as, reason, caller, by);
    tellSetupChanged(bus);
    return { status: 200, body };
  });
  route(app, "badgeKeys", async () => ({ status: 200, body: await badges.keys() }));
  route(app, "rotateBadgeKey", async ({ body: { from, reason }, by }) => {
    const { isNew, keys } = await badges.rotate(from, reason, by);
    if (isNew) tellSetupChanged(bus);
    return { status: isNew ? 201 : 200, body: keys };
  });
  route(app, "retireBadgeKey", async ({ params, body, by }) => {
    const keys = await badges.retire(params.generation, body.reason, by);
    tellSetupChanged(bus);
    return { status: 200, body: keys };
  });

  route(app, "stationBadges", async ({ caller, request }) => {
    const body = await badges.forStation(caller.plantId);
    const etag = `"${body.version}"`;
    const headers = { etag, "cache-control": "no-store" };
    if (hasAlready(request.headers["if-none-match"], etag)) {
      return { status: 304, body: null, headers };
    }
    return { status: 200, body, headers };
  });
  route(app, "presentBadge", async ({ caller, body }) => {
    await takeBadgeTry(tries, caller.stationId);
    return { status: 200, body: await badges.present(body.content, caller.plantId) };
  });
  return { handlers: {} };
}
