import type { Feature } from "../feature.ts";
import { route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import { looping } from "../looping.ts";
import type { Platform } from "../platform.ts";
import { yieldCounter } from "./counts/counter.ts";
import { countsCheck } from "./counts/rebuild.ts";
import { figuresRepository } from "./figures.repository.ts";
import { yieldService } from "./service.ts";

/** How often what has changed is counted anew, and what is over is counted, milliseconds. Until then yields read it from attempts. */
const COUNT_MS = 15_000;

/** How often a day's counts are compared with their attempts, milliseconds. */
const CHECK_MS = 600_000;

/** Yields of any selection, and the counts that they are told by. */
export function yieldFeature(app: App, { db, log, outages }: Platform): Feature {
  const yieldOf = yieldService(db.sql, figuresRepository(db));
  const counter = yieldCounter(db);
  let closed = false;
  const loop = looping(
    COUNT_MS,
    async () => {
      while (!closed && (await counter.turn()));
    },
    (err) => {
      if (!outages.note("database", err)) log.error({ err }, "attempts could not be counted ahead");
    },
  );
  const check = countsCheck(db, (day) =>
    log.error(day, "a day's kept counts were wrong and are put right"),
  );
  route(app, "yield", async ({ query }) => ({ status: 200, body: await yieldOf(query) }));
  return {
    handlers: {},
    tasks: [{ name: "yield-counts", everyMs: CHECK_MS, run: check }],
    start: () => loop.start(),
    async close() {
      closed = true;
      await loop.close();
    },
  };
}
