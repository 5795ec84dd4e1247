import type { ServerResponse } from "node:http";
import type { LiveEvent } from "@flashline/contract";

/** A comment this often keeps proxies from closing an idle stream, milliseconds. */
export const HEARTBEAT_MS = 15_000;
/** A client whose unread events pile up beyond this is let go; it reconnects and asks for everything again. Bytes. */
const MOST_UNREAD = 1_000_000;
/** The stream ends after this, so that a revoked session does not listen on for ever, milliseconds. */
const LONGEST_MS = 60 * 60_000;

export interface EventStream {
  readonly clients: number;
  /** Takes over a response that nothing was sent on. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  send(event: LiveEvent): void;
  /** Ends all streams. Browsers come back by themselves. */
  close(): void;
}

/** Server-sent events for the dashboards of this replica (WHATWG HTML, section 9.2). */
export function eventStream(): EventStream {
  const open = new Set<ServerResponse>();
  let closed = false;
  const write = (response: ServerResponse, text: string) => {
    if (response.writableLength > MOST_UNREAD) response.destroy();
    else response.write(text);
  };
  const heartbeat = setInterval(() => {
    for (const response of open) write(response, ":\n\n");
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    get clients() {
      return open.size;
    },
    add(response, headers) {
      response.writeHead(200, {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        // A kept connection would hold up the server's close until it is idle for long enough.
        connection: "close",
      });
      write(response, "retry: 2000\n\n");
      if (closed) {
        response.end();
        return;
      }
      open.add(response);
      const end = setTimeout(() => response.end(), LONGEST_MS);
      end.unref();
      response.once("close", () => {
        clearTimeout(end);
        open.delete(response);
      });
    },
    send(event) {
      const text = `data: ${JSON.stringify(event)}\n\n`;
      for (const response of open) write(response, text);
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      for (const response of open) response.end();
    },
  };
}
