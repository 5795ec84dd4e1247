import type { Proportion, StationController, YieldView } from "@flashline/contract";
import { controllerName } from "../db/host-names.ts";
import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { proportion } from "../verdict/index.ts";
import { figuresRepository } from "../yield/figures.repository.ts";
import { yieldService } from "../yield/service.ts";
import { controllersOf } from "./repository.ts";

/** As long as the verdict's advice looks back. */
const DAYS = 14;
const DAY_MS = 86_400_000;

/** First attempts that failed at models, or at all but them: what a yield leaves of its cohort. */
function failedFirst(
  groups: NonNullable<YieldView["groups"]>,
  isMeant: (model: string) => boolean,
): Proportion {
  const meant = groups.filter(({ name }) => isMeant(name)).map(({ firstPass }) => firstPass);
  const units = meant.reduce((sum, { n }) => sum + n, 0);
  return proportion(units - meant.reduce((sum, { count }) => sum + count, 0), units);
}

/** What a line PC's doctor asks of its USB controllers: the verdict, and what the plant has measured at their models. */
export function controllersFeature(app: App, { db }: Platform): Feature {
  const yieldOf = yieldService(db.sql, figuresRepository(db));
  route(app, "stationControllers", async ({ caller }) => {
    const found = await controllersOf(db.sql, caller.stationId);
    const now = Date.now();
    const groupsOf = async (plant: string, virtual: boolean) => {
      const { groups = [] } = await yieldOf({
        plant,
        from: new Date(now - DAYS * DAY_MS).toISOString(),
        to: new Date(now).toISOString(),
        virtual: virtual ? "true" : "false",
        by: "model",
      });
      return groups;
    };
    const kinds = new Map<boolean, Promise<NonNullable<YieldView["groups"]>>>();
    const controllers: StationController[] = [];
    for (const { plant, virtual, controller, driver, address, verdict } of found) {
      const groups = kinds.get(virtual) ?? groupsOf(plant, virtual);
      kinds.set(virtual, groups);
      const own = controller === "" ? driver : controller;
      controllers.push({
        address,
        driver,
        verdict,
        model: controllerName(controller, driver),
        failedFirst: failedFirst(await groups, (model) => model === own),
        failedFirstElsewhere: failedFirst(await groups, (model) => model !== own),
      });
    }
    return { status: 200, body: { days: DAYS, controllers } };
  });
  return { handlers: {} };
}
