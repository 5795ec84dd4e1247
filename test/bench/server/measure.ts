import { costOf, forgetStatements, statementsOf } from "./cost.ts";
import { type Phase, type ServerFigure, summarise, together } from "./figures.ts";
import { measureFloor } from "./floor.ts";
import { openPlant, type PlantOptions } from "./plant.ts";
import { flashFor, takeRepeats, waitFor } from "./stations.ts";

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

/** Turns of floor and full load: what else runs on the machine meanwhile slows both. */
const TURNS = 3;

/** Floor and full load in turn, and then half of the rate reached. */
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
    const turn = Math.ceil(seconds / TURNS);
    const phase = async (forSeconds: number, rate?: number) => {
      await forgetStatements(plant.database);
      const { done, cost } = await costOf(plant.database, pids, plant.postmaster, () =>
        flashFor(urls, plant.stations, forSeconds, rate),
      );
      if (options.statements) say(await statementsOf(plant.database, done.units));
      return { load: done, cost };
    };
    await flashFor(urls, plant.stations, WARM_SECONDS);
    const floors: number[] = [];
    const phases: Phase[] = [];
    for (let at = 0; at < TURNS; at += 1) {
      floors.push(await measureFloor(plant.database, seed, hostId, clients, turn));
      phases.push(await phase(turn));
    }
    const full = summarise(together(phases));
    const half = summarise(await phase(seconds, full.rate / 2));
    const floor = floors.reduce((sum, each) => sum + each, 0) / floors.length;
    const each = floors.map((rate) => rate.toFixed(0)).join(", ");
    say(`${name}: ${full.rate.toFixed(0)} units/s, floor ${each}; ${takeRepeats()} answers 503`);
    return { name, floor, full, half };
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
