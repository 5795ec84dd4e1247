import { ENDPOINTS, LIVE_PATH, LiveEvent, VERSION_HEADER } from "@flashline/contract";
import { z } from "zod";
import type { Feature } from "../feature.ts";
import { callerKey, mustBeAllowed } from "../http/caller.ts";
import { admit, route } from "../http/route.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";
import { listenerPlaces } from "./places.ts";
import { stationsRepository } from "./stations.repository.ts";
import { stationsService } from "./stations.service.ts";
import { liveStream } from "./stream.ts";
import { LIVE_TOPIC } from "./topics.ts";
import { watchListener } from "./watch.ts";

const textOf = (header: string | readonly string[] | undefined): string | null =>
  typeof header === "string" ? header.slice(0, 60) : null;

/** What stations say of themselves, and what dashboards hear of everything. */
export function liveFeature(app: App, { db, bus, log, outages }: Platform): Feature {
  const stations = stationsService(stationsRepository(db), bus);
  const stream = liveStream();
  const places = listenerPlaces();

  const tellStation = async (stationId: string): Promise<void> => {
    if (stream.clients === 0) return;
    const station = await stations.view(stationId);
    if (station !== null) stream.send({ type: "station", station });
  };
  stations.onChange((stationId) => {
    tellStation(stationId).catch((err: unknown) => {
      if (!outages.note("database", err)) log.warn({ err }, "live station event");
    });
  });
  const unsubscribe = bus.subscribe(LIVE_TOPIC, (message) => {
    const event = LiveEvent.safeParse(message);
    if (event.success) stream.send(event.data);
  });

  route(app, "status", async ({ caller, body, request }) => ({
    status: 200,
    body: await stations.accept(caller.stationId, body, textOf(request.headers[VERSION_HEADER])),
  }));
  route(app, "stations", async () => ({ status: 200, body: await stations.list() }));

  app.get(LIVE_PATH, {
    schema: { hide: true, querystring: z.strictObject({}) },
    config: { rateLimit: false },
    async onRequest(request) {
      request.caller = await admit(app, ENDPOINTS.stations.access, request);
    },
    handler(request, reply) {
      const key = request.caller === null ? "nobody" : callerKey(request.caller);
      places.take(key, reply.raw);
      const sent = Object.entries(reply.getHeaders()).map(([k, v]) => [k, String(v)] as const);
      reply.hijack();
      stream.add(reply.raw, Object.fromEntries(sent));
      watchListener(
        reply.raw,
        async () => mustBeAllowed(ENDPOINTS.stations.access, await app.identify(request)),
        () => stream.end(reply.raw),
      );
    },
  });

  return {
    handlers: {},
    preClose: () => stream.close(),
    close() {
      unsubscribe();
      stations.close();
    },
  };
}
