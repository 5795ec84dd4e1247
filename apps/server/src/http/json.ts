import { FlashlineError } from "@flashline/contract";
import type { App } from "./server.ts";

/** The contract's own bodies have at most seven levels. PostgreSQL and JSON.stringify fail at some thousands. */
const MOST_LEVELS = 64;

/** Whether a JSON text opens more than `most` arrays and objects within each other. Reads each byte once. */
function isDeeperThan(most: number, json: Uint8Array): boolean {
  let level = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (quoted) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) {
      level += 1;
      if (level > most) return true;
    } else if (byte === 0x7d || byte === 0x5d) level -= 1;
  }
  return false;
}

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
    const finish: typeof done = (error, value) => {
      if (error !== null && request.routeOptions.config.takesUnreadable === true) done(null);
      else done(error, value);
    };
    if (isDeeperThan(MOST_LEVELS, bytes)) {
      const message = `The body has more than ${MOST_LEVELS} levels of arrays and objects.`;
      return finish(
        new FlashlineError("request.invalid", message, { parameters: { most: MOST_LEVELS } }),
      );
    }
    return parse(request, bytes.toString("utf8"), finish);
  });
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => {
    done(null, payload);
  });
}
