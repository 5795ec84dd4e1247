import type { ServerResponse } from "node:http";

/** A comment this often keeps proxies and clients from taking an idle stream for dead, milliseconds. */
const HEARTBEAT_MS = 10_000;
/** A client whose unread bytes pile up beyond this is let go; it comes back and is told everything again. */
const MOST_UNREAD = 1_000_000;
/** Time for the last bytes of a stream that ends; whoever has not read them then is cut off, milliseconds. */
const LAST_BYTES_MS = 1_000;
/** After how long browsers come back, milliseconds. */
const RETRY_MS = 2_000;

export interface EventMessage {
  /** The event's name; "message" for browsers when it has none. */
  readonly event?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

export interface EventStreamOptions {
  /** The one that listens longest makes room for one more. Default: no bound. */
  readonly mostClients?: number;
  /** Each client's stream ends after this, milliseconds; browsers come back by themselves. Default: never. */
  readonly longestMs?: number;
}

export interface EventStream {
  readonly clients: number;
  /** Takes over a response that nothing was sent on; `first` is for this client alone. */
  add(
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
    ...first: readonly EventMessage[]
  ): void;
  send(message: EventMessage): void;
  /** Ends one stream that was added. */
  end(response: ServerResponse): void;
  /** Ends all streams, and every one that is added later. */
  close(): void;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2) for pages that may sleep, stall or vanish: none of them can hold more than about
 * a megabyte, keep the server from closing, or be written to after its end, which would end the process.
 */
export function eventStream({ mostClients, longestMs }: EventStreamOptions = {}): EventStream {
  const open = new Map<ServerResponse, NodeJS.Timeout | undefined>();
  let closed = false;

  const forget = (response: ServerResponse): void => {
    clearTimeout(open.get(response));
    open.delete(response);
  };
  const end = (response: ServerResponse): void => {
    forget(response);
    response.end();
    setTimeout(() => response.destroy(), LAST_BYTES_MS).unref();
  };
  const write = (response: ServerResponse, text: string): void => {
    if (response.writableLength <= MOST_UNREAD) {
      response.write(text);
      return;
    }
    forget(response);
    response.destroy();
  };
  const writeAll = (text: string): void => {
    for (const response of open.keys()) write(response, text);
  };
  const heartbeat = setInterval(() => writeAll(":\n\n"), HEARTBEAT_MS);
  heartbeat.unref();

  return {
    get clients() {
      return open.size;
    },
    add(response, headers, ...first) {
      // Gone while it was found out whether it may listen: "close" does not come again.
      if (response.destroyed) return;
      const [oldest] = open.keys();
      if (oldest !== undefined && open.size === mostClients) end(oldest);
      response.writeHead(200, {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        // A kept connection would hold up the server's close until it is idle for long enough.
        connection: "close",
      });
      open.set(
        response,
        longestMs === undefined ? undefined : setTimeout(() => end(response), longestMs).unref(),
      );
      response.once("close", () => forget(response));
      response.write(`retry: ${RETRY_MS}\n\n${first.map(encode).join("")}`);
      if (closed) end(response);
    },
    send: (message) => writeAll(encode(message)),
    end(response) {
      if (open.has(response)) end(response);
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      for (const response of open.keys()) end(response);
    },
  };
}

function encode({ event, data }: EventMessage): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}data: ${JSON.stringify(data)}\n\n`;
}
