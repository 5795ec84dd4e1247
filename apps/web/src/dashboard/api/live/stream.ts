/** What is told of the server's stream of events. */
export type StreamNews =
  | { readonly kind: "open" }
  /** One event as it came, not parsed. */
  | { readonly kind: "event"; readonly data: string }
  | { readonly kind: "broken" };

export type Tell = (news: StreamNews) => void;

const RECONNECT_MS = 3000;
const NAMES = ["message", "live", "attempt", "job", "station", "release", "hosts"] as const;

/**
 * Follows the events under a path of the server and opens the stream again by itself. Returns what ends it. It imports nothing, because
 * the shared worker is made of it.
 */
export function followStream(path: string, tell: Tell): () => void {
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const onEvent = ({ data }: MessageEvent<unknown>): void => {
    tell({ kind: "event", data: String(data) });
  };
  const open = (): void => {
    source = new EventSource(path);
    for (const name of NAMES) source.addEventListener(name, onEvent);
    source.addEventListener("open", () => tell({ kind: "open" }));
    source.addEventListener("error", () => {
      tell({ kind: "broken" });
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RECONNECT_MS);
    });
  };
  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}
