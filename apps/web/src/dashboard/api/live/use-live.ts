import { LiveEvent, type StationView } from "@flashline/contract";
import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { isReadOn } from "../pages.ts";
import { affectedBy } from "./affected.ts";
import { followShared } from "./share.ts";

/** "live", or when the stream broke: everything on the page is as old as that, at least. */
export type LiveState =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "broken"; readonly since: number };

const STATIONS = ["stations"];

/** A busy line sends several events a second; the pages ask again at most this often. */
const GATHER_MS = 1000;

function parse(data: string): LiveEvent | null {
  try {
    const parsed = LiveEvent.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function putStation(client: QueryClient, station: StationView): void {
  client.setQueryData<StationView[]>(STATIONS, (known) =>
    known?.some((each) => each.id === station.id)
      ? known.map((each) => (each.id === station.id ? station : each))
      : known,
  );
}

/** Follows the server's events, and asks for everything anew after the stream was broken. */
export function useLive(): LiveState {
  const client = useQueryClient();
  const [live, setLive] = useState<LiveState>({ state: "connecting" });

  useEffect(() => {
    const old = new Set<string>();
    /** What was told of stations while their list was under way: that was read before, and comes after it. */
    let later: StationView[] = [];
    /** Stations that the list lacked: each makes it be asked for once. */
    const strange = new Set<string>();
    /** Whether the stream was there before: what happened since then was not heard. */
    let wasOpen = false;

    const flush = setInterval(() => {
      // Whoever reads on in a list has it renewed in its turn, not row by row under the eyes and all its pages each second.
      const predicate = (query: Query) => !isReadOn(query);
      for (const key of old) void client.invalidateQueries({ queryKey: [key], predicate });
      old.clear();
      if (client.isFetching({ queryKey: STATIONS }) > 0) return;
      for (const station of later) putStation(client, station);
      later = [];
    }, GATHER_MS);

    const onStation = (station: StationView): void => {
      if (client.isFetching({ queryKey: STATIONS }) > 0) later.push(station);
      const known = client.getQueryData<StationView[]>(STATIONS);
      if (known?.some(({ id }) => id === station.id) === false && !strange.has(station.id)) {
        strange.add(station.id);
        old.add("stations");
      }
      putStation(client, station);
    };

    const onEvent = (data: string): void => {
      const event = parse(data);
      if (event === null) return;
      if (event.type === "station") onStation(event.station);
      else for (const key of affectedBy(event)) old.add(key);
    };
    const leave = followShared((news) => {
      if (news.kind === "event") onEvent(news.data);
      else if (news.kind === "open") {
        setLive({ state: "live" });
        if (wasOpen) void client.invalidateQueries();
        wasOpen = true;
      } else {
        setLive((known) =>
          known.state === "broken" ? known : { state: "broken", since: Date.now() },
        );
      }
    });
    return () => {
      clearInterval(flush);
      leave();
    };
  }, [client]);

  return live;
}
