import type { Platform } from "../platform.ts";
import { stationsRepository } from "./repository.ts";
import { stationsService } from "./service.ts";
import { onSetupChanged } from "./topics.ts";

/** A change that no one told over the bus is noticed after this time. */
const KEEP_MS = 60_000;

/** Setup versions of stations, kept until something changes: an idle station costs no SQL. */
export function setupVersions({ db, bus }: Pick<Platform, "db" | "bus">) {
  const stations = stationsService(stationsRepository(db));
  const known = new Map<string, { readonly version: Promise<string>; readonly until: number }>();
  const stop = onSetupChanged(bus, () => known.clear());
  return {
    of(stationId: string): Promise<string> {
      const entry = known.get(stationId);
      if (entry !== undefined && entry.until > Date.now()) return entry.version;
      const version = stations.setupVersion(stationId);
      known.set(stationId, { version, until: Date.now() + KEEP_MS });
      version.catch(() => known.delete(stationId));
      return version;
    },
    close: stop,
  };
}
