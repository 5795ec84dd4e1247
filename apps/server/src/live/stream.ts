import type { ServerResponse } from "node:http";
import type { LiveEvent } from "@flashline/contract";
import { eventStream } from "@flashline/event-stream";

/** The stream ends after this, so that a revoked session does not listen on for ever, milliseconds. */
const LONGEST_MS = 60 * 60_000;

export interface LiveStream {
  readonly clients: number;
  /** Takes over a response that nothing was sent on. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>): void;
  send(event: LiveEvent): void;
  /** Ends one stream that was added. */
  end(response: ServerResponse): void;
  /** Ends all streams. Browsers come back by themselves. */
  close(): void;
}

/** What the dashboards of this replica hear. */
export function liveStream(): LiveStream {
  const stream = eventStream({ longestMs: LONGEST_MS });
  return {
    get clients() {
      return stream.clients;
    },
    add: (response, headers) => stream.add(response, headers),
    send: (event) => stream.send({ data: event }),
    end: (response) => stream.end(response),
    close: () => stream.close(),
  };
}
