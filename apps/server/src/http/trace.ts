import type { FastifyRequest } from "fastify";
import { errorTypeOf, type Span, type Tracing } from "../tracing/tracing.ts";
import type { App } from "./server.ts";

/** They are asked every few seconds, and say nothing about the server's work. */
const LEFT_OUT = new Set(["/healthz", "/readyz", "/metrics"]);

/**
 * A span for each request, under the path of its route: a request's own path and query hold serials. The id is the one that a
 * refusal tells.
 */
export function traceRequests(app: App, tracing: Tracing): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook("onRequest", (request, _reply, done) => {
    const route = request.routeOptions.url ?? "unknown path";
    if (LEFT_OUT.has(route)) return done();
    const span = tracing.begin(`${request.method} ${route}`, "server", {
      "http.request.method": request.method,
      "http.route": route,
      "flashline.request_id": request.id,
    });
    spans.set(request, span);
    span.within(done);
  });
  // A body comes in by events of its connection, which know of no request.
  app.addHook("preValidation", (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.within(done);
  });
  app.addHook("onError", (request, _reply, error, done) => {
    spans.get(request)?.set({ "error.type": errorTypeOf(error) });
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const span = spans.get(request);
    span?.set({ "http.response.status_code": reply.statusCode });
    span?.end(reply.statusCode >= 500 ? String(reply.statusCode) : undefined);
    done();
  });
}
