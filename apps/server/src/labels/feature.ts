import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { tellSetupChanged } from "../stations/topics.ts";
import { historyRepository } from "./history.repository.ts";
import { labelsRepository } from "./repository.ts";
import { labelsService } from "./service.ts";

/** The labels of units that passed: what stands on them, and what became of each. */
export function labelsFeature(app: App, { db, bus }: Platform): Feature {
  const labels = labelsService(labelsRepository(db));
  const history = historyRepository(db);
  route(app, "label", async ({ params }) => ({ status: 200, body: await labels.of(params.id) }));
  route(app, "setLabel", async ({ params, body, by }) => {
    const view = await labels.set(params.id, body, by);
    // Stations without a printer say so.
    tellSetupChanged(bus);
    return { status: 200, body: view };
  });
  route(app, "previewLabel", async ({ params, body }) => ({
    status: 200,
    body: await labels.preview(params.id, body),
  }));
  route(app, "reportLabel", async ({ params, body, caller, by }) => ({
    status: 200,
    body: { entries: await history.add(params.id, caller.stationId, body.entries, by) },
  }));
  return { handlers: {} };
}
