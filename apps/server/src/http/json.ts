import type { App } from "./server.ts";

/** JSON is parsed as Fastify does it, and the exact bytes are kept beside it; bytes are left to the route as a stream. */
export function acceptBodies(app: App): void {
  app.decorateRequest("rawBody", null);
  app.decorateRequest("caller", null);
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    request.rawBody = bytes;
    // POSTs without a body still announce JSON with many clients.
    if (bytes.length === 0) return done(null, undefined);
    return parse(request, bytes.toString("utf8"), done);
  });
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => {
    done(null, payload);
  });
}
