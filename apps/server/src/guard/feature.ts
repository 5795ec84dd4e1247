import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { plantGuard, type SetHold, setGuard, watch } from "./guard.ts";

/** How often the guard looks at what the verdict proposes. */
const LOOK_MS = 2_000;

/** Quarantines by the server itself, where a plant allows them. The verdict only proposes; this acts, and knows no statistics. */
export function guardFeature(app: App, { db }: Platform, setHold: SetHold): Feature {
  route(app, "plantGuard", async ({ params }) => ({
    status: 200,
    body: await plantGuard(db, params.id),
  }));
  route(app, "setPlantGuard", async ({ params, body, by }) => ({
    status: 200,
    body: await setGuard(db, params.id, body, by),
  }));
  return {
    handlers: {},
    tasks: [{ name: "guard", everyMs: LOOK_MS, run: () => watch(db, setHold) }],
  };
}
