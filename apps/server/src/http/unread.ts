import type { IncomingMessage } from "node:http";
import type { App } from "./server.ts";

/** So long a refusal waits for the rest of a body, milliseconds: whoever still sends reads no answer, and is cut off by a close. */
const DRAIN_MS = 1_000;

const wasRead = (request: IncomingMessage): boolean => request.complete || request.readableEnded;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** Reads what is left of a body and forgets it. False when it did not end in time. */
async function drained(request: IncomingMessage): Promise<boolean> {
  if (request.destroyed) return false;
  return await new Promise<boolean>((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      resolve(wasRead(request));
    };
    const timer = setTimeout(settle, DRAIN_MS);
    request.once("end", settle).once("close", settle);
    request.resume();
  });
}

/**
 * An answer that comes before the request's body was read ends the connection, unless the rest of the body comes at once: Node
 * takes what is left for the body, and the next request on the connection would wait for it to end.
 */
export function endUnreadRequests(app: App): void {
  app.addHook("onSend", async ({ raw }, reply) => {
    if (wasRead(raw) || !hasBody(raw)) return;
    if (!(await drained(raw))) reply.header("connection", "close");
  });
}
