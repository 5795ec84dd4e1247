import { ENDPOINTS } from "@flashline/contract";
import { Registry } from "prom-client";
import { z } from "zod";
import type { Feature } from "../feature.ts";
import { admit } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { plantGauges } from "./gauges.ts";
import { readPlant } from "./plant.repository.ts";

/** `GET /metrics` for Prometheus, with a token that may read. */
export function metricsFeature(app: App, { db, meters }: Platform): Feature {
  const plant = plantGauges(() => readPlant(db.sql));
  const all = Registry.merge([meters.registry, plant.registry]);

  app.addHook("onResponse", (request, reply, done) => {
    // By the route's pattern: an address has ids in it, and each would be a series of its own.
    const route = request.routeOptions.url ?? "none";
    const labels = { method: request.method, route, status: reply.statusCode };
    meters.requests.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
  app.get("/metrics", {
    schema: { hide: true, querystring: z.strictObject({}) },
    config: { rateLimit: false },
    async onRequest(request) {
      request.caller = await admit(app, ENDPOINTS.stations.access, request);
    },
    async handler(_request, reply) {
      await plant.refresh();
      return reply.type(all.contentType).send(await all.metrics());
    },
  });
  return { handlers: {} };
}
