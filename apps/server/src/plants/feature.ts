import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { plantsRepository } from "./repository.ts";
import { plantsService } from "./service.ts";

export function plantsFeature(app: App, { db, bus }: Platform): Feature {
  const plants = plantsService(plantsRepository(db));
  route(app, "plants", async ({ query }) => ({ status: 200, body: await plants.plants(query) }));
  route(app, "lines", async ({ query }) => ({ status: 200, body: await plants.lines(query) }));
  route(app, "plantRetirement", async ({ params }) => ({
    status: 200,
    body: await plants.plantRetirement(params.id),
  }));
  route(app, "lineRetirement", async ({ params }) => ({
    status: 200,
    body: await plants.lineRetirement(params.id),
  }));
  route(app, "changeLine", async ({ params, body, by }) => {
    const changed = await plants.changeLine(params.id, body, by);
    // Stations show the name of their line.
    tellSetupChanged(bus);
    return { status: 200, body: changed };
  });
  route(app, "addPlant", async ({ body, by }) => ({
    status: 201,
    body: await plants.addPlant(body, by),
  }));
  route(app, "changePlant", async ({ params, body, by }) => {
    const changed = await plants.changePlant(params.id, body, by);
    // By its shifts stations log people out.
    tellSetupChanged(bus);
    return { status: 200, body: changed };
  });
  route(app, "addLine", async ({ body, by }) => ({
    status: 201,
    body: await plants.addLine(body, by),
  }));
  return { handlers: {} };
}
