import {
  FlashlineError,
  PROTOCOL,
  PROTOCOL_HEADER,
  PROTOCOL_RANGE,
  VERSION_HEADER,
} from "@flashline/contract";
import type { App } from "./server.ts";

const AGENT_PATHS = "/v1/agent/";

/** Refuses agents whose protocol this server does not speak, before anything else; one that says none speaks 1. */
export function checkProtocol(app: App): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!request.url.startsWith(AGENT_PATHS)) return;
    const { oldest, newest } = PROTOCOL_RANGE;
    reply.header(PROTOCOL_HEADER, PROTOCOL);
    const said = request.headers[PROTOCOL_HEADER];
    const number = said === undefined ? 1 : Number(said);
    if (Number.isInteger(number) && number >= oldest && number <= newest) return;
    const version = request.headers[VERSION_HEADER] ?? "unknown";
    await Promise.reject(
      new FlashlineError(
        "protocol.unsupported",
        `Agent ${String(version)} speaks protocol ${String(said)}; this server takes ${oldest} to ${newest}.`,
        { parameters: { version: String(version), oldest, newest }, details: PROTOCOL_RANGE },
      ),
    );
  });
}
