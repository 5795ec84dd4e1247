import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { planService } from "./service.ts";

/** What lines are to make in their shifts, and how far they are. */
export function planFeature(app: App, { db }: Platform): Feature {
  const plans = planService(db);
  route(app, "plans", async ({ query }) => ({ status: 200, body: await plans.plans(query) }));
  route(app, "setPlans", async ({ body, by }) => ({
    status: 200,
    body: await plans.set(body, by),
  }));
  route(app, "pace", async ({ query }) => ({ status: 200, body: await plans.pace(query) }));
  return { handlers: {} };
}
