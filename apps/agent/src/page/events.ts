import type { ServerResponse } from "node:http";
import type { StationPageView } from "@flashline/contract";
import type { FastifyInstance } from "fastify";
import type { StationPage } from "./station-page.ts";

/** Keeps the connection from being taken for dead, milliseconds. */
const HEARTBEAT_MS = 10_000;
/** Pages of one PC; more are something that went wrong. */
const MOST_CLIENTS = 16;

/** GET /api/events: the whole view as server-sent event `view`, at once and on every change. */
export function streamViews(app: FastifyInstance, page: StationPage): void {
  const clients = new Set<ServerResponse>();
  const send = (client: ServerResponse, view: StationPageView): void => {
    client.write(`event: view\ndata: ${JSON.stringify(view)}\n\n`);
  };
  const unsubscribe = page.subscribe((view) => {
    for (const client of clients) send(client, view);
  });
  const heartbeat = setInterval(() => {
    for (const client of clients) client.write(": here\n\n");
  }, HEARTBEAT_MS);
  heartbeat.unref();

  app.get("/api/events", (_request, reply) => {
    reply.hijack();
    const client = reply.raw;
    const [oldest] = clients;
    if (clients.size >= MOST_CLIENTS && oldest !== undefined) oldest.end();
    client.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    clients.add(client);
    client.on("close", () => clients.delete(client));
    send(client, page.view());
  });

  // An open stream would keep the server from closing for ever.
  app.addHook("preClose", (done) => {
    unsubscribe();
    clearInterval(heartbeat);
    for (const client of clients) client.end();
    done();
  });
}
