import type { StationStatus } from "@flashline/contract";

/** A station without a sign of life for longer than this is not connected, milliseconds. */
const CONNECTED_MS = 40_000;

export interface SeenStation {
  readonly status: StationStatus;
  /** This replica's clock when the status arrived here, milliseconds since 1970. */
  readonly at: number;
}

export interface StationStates {
  put(stationId: string, status: StationStatus): void;
  get(stationId: string): SeenStation | undefined;
  connected(stationId: string, lastSeenAt: Date | null): boolean;
}

/** What every station last said, in memory: it is repeated every 15 s, so that a new replica knows all within that time. */
export function stationStates(now: () => number): StationStates {
  const states = new Map<string, SeenStation>();
  return {
    put: (stationId, status) => void states.set(stationId, { status, at: now() }),
    get: (stationId) => states.get(stationId),
    connected(stationId, lastSeenAt) {
      const seen = Math.max(states.get(stationId)?.at ?? 0, lastSeenAt?.getTime() ?? 0);
      return now() - seen < CONNECTED_MS;
    },
  };
}
