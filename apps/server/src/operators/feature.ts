import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { operatorsRepository } from "./repository.ts";

/** How people work at stations: what a badge looks like, when they are logged out, whether anybody starts without. */
export function operatorsFeature(app: App, { db, bus }: Platform): Feature {
  const operators = operatorsRepository(db);

  route(app, "setPlantOperators", async ({ params, body: { reason, ...rules }, by }) => {
    const body = await operators.setPlant(params.id, rules, reason, by);
    tellSetupChanged(bus);
    return { status: 200, body };
  });
  route(app, "stationOperators", async ({ params }) => ({
    status: 200,
    body: await operators.station(params.id),
  }));
  route(app, "setStationOperators", async ({ params, body: { reason, ...rules }, by }) => {
    const { stationId, ...body } = await operators.setStation(params.id, rules, reason, by);
    tellSetupChanged(bus, [stationId]);
    return { status: 200, body };
  });
  return { handlers: {} };
}
