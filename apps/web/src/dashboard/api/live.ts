import { LIVE_PATH, LiveEvent, type StationView } from "@flashline/contract";
import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { affectedBy } from "./affected.ts";
import { isReadOn } from "./pages.ts";

/** "live", or when the stream broke: everything on the page is as old as that, at least. */
export type LiveState =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "broken"; readonly since: number };

/** A busy line sends several events a second; the pages ask again at most this often. */
const GATHER_MS = 1000;
const RECONNECT_MS = 3000;
const NAMES = ["message", "live", "attempt", "job", "station", "release", "hosts"] as const;

function parse(data: unknown): LiveEvent | null {
  try {
    const parsed = LiveEvent.safeParse(JSON.parse(String(data)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function putStation(client: QueryClient, station: StationView): void {
  client.setQueryData<StationView[]>(["stations"], (known) =>
    known?.some((each) => each.id === station.id)
      ? known.map((each) => (each.id === station.id ? station : each))
      : known,
  );
}

/** Follows the server's events; opens the stream again by itself, and then asks for everything anew. */
export function useLive(): LiveState {
  const client = useQueryClient();
  const [live, setLive] = useState<LiveState>({ state: "connecting" });

  useEffect(() => {
    const old = new Set<string>();
    let source: EventSource | undefined;
    let broken = false;
    let retry: ReturnType<typeof setTimeout> | undefined;

    const flush = setInterval(() => {
      // Whoever reads on in a list has it renewed in its turn, not row by row under the eyes and all its pages each second.
      const predicate = (query: Query) => !isReadOn(query);
      for (const key of old) void client.invalidateQueries({ queryKey: [key], predicate });
      old.clear();
    }, GATHER_MS);

    const onEvent = (message: MessageEvent<unknown>): void => {
      const event = parse(message.data);
      if (event === null) return;
      if (event.type === "station") putStation(client, event.station);
      else for (const key of affectedBy(event)) old.add(key);
    };
    const open = (): void => {
      source = new EventSource(LIVE_PATH);
      for (const name of NAMES) source.addEventListener(name, onEvent);
      source.addEventListener("open", () => {
        setLive({ state: "live" });
        if (broken) void client.invalidateQueries();
        broken = false;
      });
      source.addEventListener("error", () => {
        broken = true;
        setLive((known) =>
          known.state === "broken" ? known : { state: "broken", since: Date.now() },
        );
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RECONNECT_MS);
      });
    };

    open();
    return () => {
      clearInterval(flush);
      clearTimeout(retry);
      source?.close();
    };
  }, [client]);

  return live;
}
