import { eventStream } from "@flashline/event-stream";
import type { FastifyInstance } from "fastify";
import type { StationPage } from "./station-page.ts";

/** Pages of one PC; more are something that went wrong. */
const MOST_CLIENTS = 16;

/** GET /api/events: the whole view as server-sent event `view`, at once and on every change. */
export function streamViews(app: FastifyInstance, page: StationPage): void {
  const stream = eventStream({ mostClients: MOST_CLIENTS });
  const unsubscribe = page.subscribe((data) => stream.send({ event: "view", data }));

  app.get("/api/events", (_request, reply) => {
    reply.hijack();
    stream.add(reply.raw, {}, { event: "view", data: page.view() });
  });

  // An open stream would keep the server from closing for ever.
  app.addHook("preClose", (done) => {
    unsubscribe();
    stream.close();
    done();
  });
}
