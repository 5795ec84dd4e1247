import { badgesRepository } from "../badges/repository.ts";
import { badgesService } from "../badges/service.ts";
import { takeBadgeTry } from "../badges/tries.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { readScan } from "../jobs/read-scan.ts";
import { triesOn } from "../limits/tries.ts";
import type { Platform } from "../platform.ts";
import { reworkRepository } from "../rework/repository.ts";
import { overridesService } from "./service.ts";

/** What the badge of a lead decides at a station: that a refused unit is tried once. */
export function overridesFeature(app: App, { db, vault }: Platform): Feature {
  const overrides = overridesService({
    refusalOf: (stationId, scan) => readScan(db.sql, stationId, scan),
    badges: badgesService(badgesRepository(db), vault),
    rework: reworkRepository(db),
  });
  const tries = triesOn(db.sql);
  route(app, "overrideRefusal", async ({ body, caller, by }) => {
    await takeBadgeTry(tries, caller.stationId);
    const { isNew, name } = await overrides.allow(body, caller, by);
    return { status: isNew ? 201 : 200, body: { name } };
  });
  return { handlers: {} };
}
