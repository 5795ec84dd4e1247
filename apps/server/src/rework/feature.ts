import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { type NewRecord, reworkRepository } from "./repository.ts";

/** What people do about units that failed: repairs, one more try, scrap. */
export function reworkFeature(app: App, { db }: Platform): Feature {
  const rework = reworkRepository(db);
  const add = async (record: NewRecord) => {
    const { isNew, body } = await rework.add(record);
    return { status: isNew ? (201 as const) : (200 as const), body };
  };
  route(app, "repairUnit", ({ params, body: { attemptId, what }, by }) =>
    add({ unitId: params.id, kind: "repair", attemptId, what, by }),
  );
  route(app, "allowRetest", ({ params, body: { reason }, by }) =>
    add({ unitId: params.id, kind: "override", attemptId: null, what: reason, by }),
  );
  route(app, "scrapUnit", ({ params, body: { reason }, by }) =>
    add({ unitId: params.id, kind: "scrap", attemptId: null, what: reason, by }),
  );
  route(app, "unscrapUnit", ({ params, body: { reason }, by }) =>
    add({ unitId: params.id, kind: "unscrap", attemptId: null, what: reason, by }),
  );
  return { handlers: {} };
}
