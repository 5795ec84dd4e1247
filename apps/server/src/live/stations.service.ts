import { NestState, StationStatus, type StationView } from "@flashline/contract";
import type { Bus } from "../queue/bus.ts";
import { onSetupChanged } from "../stations/topics.ts";
import { type StationStates, stationStates } from "./station-state.ts";
import type { StationBase, StationsRepository } from "./stations.repository.ts";

/** A sign of life is written at most this often, and the setup's version read with it, milliseconds. */
const TOUCH_MS = 15_000;
/** For how long a live event may carry counts of the day that were read before, milliseconds. */
const BASE_MS = 5_000;
const STATUS_TOPIC = "station-status";

export interface StationsService {
  /** A station's nests as they are now. Costs a statement every {@link TOUCH_MS}, else none. */
  accept(
    stationId: string,
    status: StationStatus,
    agentVersion: string | null,
  ): Promise<{ setupVersion: string }>;
  list(): Promise<StationView[]>;
  /** One station as it is now; null when it does not exist. Its master data may be {@link BASE_MS} old. */
  view(stationId: string): Promise<StationView | null>;
  /** Calls back with the id of a station that said something, on whichever replica. */
  onChange(listener: (stationId: string) => void): () => void;
  close(): void;
}

type Nests = StationView["nests"];

function nestsOf(base: StationBase, states: StationStates, connected: boolean): Nests {
  const said = new Map(states.get(base.id)?.status.nests.map((nest) => [nest.name, nest]));
  return base.nests.map(({ name, portPath, hold }) => {
    const now = connected ? said.get(name) : undefined;
    const told = now?.state ?? NestState.Unknown;
    return {
      name,
      portPath,
      // A unit in work comes to its end, and is shown until then.
      state: hold === null || told === NestState.Busy ? told : NestState.Off,
      ...(hold === null ? {} : { hold }),
      serial: now?.serial ?? null,
      phase: now?.phase ?? null,
      fraction: now?.fraction ?? null,
      code: now?.code ?? null,
    };
  });
}

function viewOf(base: StationBase, states: StationStates): StationView {
  const { lastSeenAt, passed, failed, ...same } = base;
  const connected = base.enrolled && states.connected(base.id, lastSeenAt);
  const seen = states.get(base.id);
  const latest = Math.max(lastSeenAt?.getTime() ?? 0, seen?.at ?? 0);
  return {
    ...same,
    connected,
    lastSeenAt: latest === 0 ? null : new Date(latest).toISOString(),
    queuedResults: seen?.status.queuedResults ?? 0,
    today: { passed, failed },
    nests: nestsOf(base, states, connected),
  };
}

interface Told {
  readonly stationId: string;
  readonly status: StationStatus;
}

function isTold(message: unknown): message is Told {
  if (typeof message !== "object" || message === null || !("stationId" in message)) return false;
  return "status" in message && StationStatus.safeParse(message.status).success;
}

export function stationsService(
  repository: StationsRepository,
  bus: Bus,
  now: () => number = Date.now,
): StationsService {
  const states = stationStates(now);
  /** `pc` tells two PCs apart that both take themselves for the station: each is noted at once. */
  const touched = new Map<string, { at: number; version: string; pc: string | undefined }>();
  const bases = new Map<string, { at: number; base: StationBase }>();
  let changes = 0;
  const listeners = new Set<(stationId: string) => void>();
  const unsubscribe = bus.subscribe(STATUS_TOPIC, (message) => {
    if (!isTold(message)) return;
    states.put(message.stationId, message.status);
    for (const listener of listeners) listener(message.stationId);
  });
  const unsubscribeSetup = onSetupChanged(bus, (stationIds) => {
    changes += 1;
    touched.clear();
    bases.clear();
    for (const stationId of stationIds) for (const listener of listeners) listener(stationId);
  });

  return {
    async accept(stationId, status, agentVersion) {
      bus.publish(STATUS_TOPIC, { stationId, status } satisfies Told);
      const last = touched.get(stationId);
      const pc = status.hardware?.join();
      if (last?.pc === pc && last !== undefined && now() - last.at < TOUCH_MS) {
        return { setupVersion: last.version };
      }
      const before = changes;
      const version = await repository.touch(stationId, agentVersion, status);
      // What was read before a change must not be kept after it.
      if (changes === before) touched.set(stationId, { at: now(), version, pc });
      return { setupVersion: version };
    },
    async list() {
      const all = await repository.bases();
      return all.map((base) => viewOf(base, states));
    },
    async view(stationId) {
      const cached = bases.get(stationId);
      if (cached !== undefined && now() - cached.at < BASE_MS) return viewOf(cached.base, states);
      const [base] = await repository.bases(stationId);
      if (base === undefined) return null;
      bases.set(stationId, { at: now(), base });
      return viewOf(base, states);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      unsubscribe();
      unsubscribeSetup();
      listeners.clear();
    },
  };
}
