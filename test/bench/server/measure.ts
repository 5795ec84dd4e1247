import { costOf, forgetStatements, statementsOf } from "./cost.ts";
import { type LoadSummary, type ServerFigure, summarise } from "./figures.ts";
import { measureFloor } from "./floor.ts";
import { openPlant, type PlantOptions } from "./plant.ts";
import { flashFor, waitFor } from "./stations.ts";

export interface MeasureOptions {
  /** Of each phase under load. */
  readonly seconds: number;
  readonly postgres: string | undefined;
  /** Also says which statements took how long. */
  readonly statements: boolean;
  readonly say: (line: string) => void;
}

const STATIONS = 64;
const WARM_SECONDS = 4;
const IDLE_STATIONS = 200;

/** Floor, full load, half of the rate reached, and the floor again: the database has grown meanwhile, as it had for the load. */
export async function measureBusy(
  name: string,
  parts: Pick<PlantOptions, "queues" | "replicas">,
  options: MeasureOptions,
): Promise<ServerFigure> {
  const { seconds, say } = options;
  const plant = await openPlant({ ...parts, stations: STATIONS, postgres: options.postgres });
  try {
    const urls = plant.servers.map(({ url }) => url);
    const pids = plant.servers.map((server) => server.pid());
    const { seed, hostId, clients } = plant.floor;
    const floor = () => measureFloor(plant.database, seed, hostId, clients, Math.ceil(seconds / 2));
    const phase = async (rate?: number): Promise<LoadSummary> => {
      await forgetStatements(plant.database);
      const { done, cost } = await costOf(plant.database, pids, plant.postmaster, () =>
        flashFor(urls, plant.stations, seconds, rate),
      );
      if (options.statements) say(await statementsOf(plant.database, done.units));
      return summarise(done, cost);
    };
    const before = await floor();
    await flashFor(urls, plant.stations, WARM_SECONDS);
    const full = await phase();
    const half = await phase(full.rate / 2);
    const after = await floor();
    say(
      `${name}: ${full.rate.toFixed(0)} units/s, floor ${before.toFixed(0)}, ${after.toFixed(0)}`,
    );
    return { name, floor: (before + after) / 2, full, half };
  } finally {
    await plant.close();
  }
}

/** Share of one core that waiting stations take. */
export interface IdleFigure {
  readonly stations: number;
  readonly server: number;
  readonly database: number;
}

/** Stations that wait for jobs which nobody orders. */
export async function measureIdle(options: MeasureOptions): Promise<IdleFigure> {
  const parts = { queues: "postgresql", replicas: 1, stations: IDLE_STATIONS } as const;
  const plant = await openPlant({ ...parts, postgres: options.postgres });
  try {
    const [server] = plant.servers;
    if (server === undefined) return { stations: 0, server: 0, database: 0 };
    const ending = waitFor(server.url, plant.stations, WARM_SECONDS + options.seconds);
    await new Promise((resolve) => setTimeout(resolve, WARM_SECONDS * 1000));
    const { cost } = await costOf(plant.database, [server.pid()], plant.postmaster, () => ending);
    const share = (ms: number) => ms / (options.seconds * 1000);
    return {
      stations: IDLE_STATIONS,
      server: share(cost.serverMs),
      database: share(cost.databaseMs),
    };
  } finally {
    await plant.close();
  }
}
