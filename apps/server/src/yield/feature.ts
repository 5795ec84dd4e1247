import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { figuresRepository } from "./figures.repository.ts";
import { yieldService } from "./service.ts";

/** Yields of any selection. */
export function yieldFeature(app: App, { db }: Platform): Feature {
  const yieldOf = yieldService(db.sql, figuresRepository(db));
  route(app, "yield", async ({ query }) => ({ status: 200, body: await yieldOf(query) }));
  return { handlers: {} };
}
