import { rmSync } from "node:fs";
import path from "node:path";
import {
  newId,
  postmasterOf,
  type Seed,
  type SeededStation,
  type ServerProcess,
  seedPlant,
  startEmbedded,
  startRedis,
  startServerProcess,
  withClient,
} from "@flashline/server/testing";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { floorTables } from "./floor.ts";

const FLOOR_STATIONS = 8;

export interface PlantOptions {
  /** Where the queues live. */
  readonly queues: "postgresql" | "redis";
  readonly replicas: number;
  readonly stations: number;
  /** A `bin` folder; the embedded PostgreSQL without one. */
  readonly postgres: string | undefined;
}

/** A server that runs on real parts, with a plant in it. */
export interface BenchPlant {
  readonly database: string;
  readonly postmaster: number;
  readonly servers: readonly ServerProcess[];
  readonly stations: readonly SeededStation[];
  readonly floor: { readonly seed: Seed; readonly hostId: string; readonly clients: number };
  close(): Promise<void>;
}

/** PostgreSQL with its own settings and a count of statements, servers as processes of their own, stations that are enrolled. */
export async function openPlant(options: PlantOptions): Promise<BenchPlant> {
  const folder = temporaryDataFolder("bench");
  const redis = options.queues === "redis" ? await startRedis() : undefined;
  const cluster = await startEmbedded({
    data: path.join(folder, "cluster"),
    settings: ["shared_preload_libraries=pg_stat_statements"],
    ...(options.postgres === undefined ? {} : { binaries: options.postgres }),
  });
  const environment = {
    FLASHLINE_DATA: path.join(folder, "server"),
    DATABASE_URL: cluster.url,
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
  };
  const names = (letter: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${letter}${at}`);
  const all = [...names("F", FLOOR_STATIONS), ...names("B", options.stations)];
  const plant = await seedPlant(environment, all);
  const hostId = newId();
  const floorSeed: Seed = { ...plant.seed, workOrderId: newId() };
  await withClient(cluster.url, async (client) => {
    await client.query("CREATE EXTENSION pg_stat_statements");
    await client.query(
      `INSERT INTO work_order (id, number, product_id, release_id, step_id, quantity, created_by)
       SELECT $1, 'FLOOR', product_id, release_id, step_id, quantity, created_by FROM work_order`,
      [floorSeed.workOrderId],
    );
    await client.query(floorTables(plant.stations.slice(0, FLOOR_STATIONS), hostId));
  });
  const servers: ServerProcess[] = [];
  for (let at = 0; at < options.replicas; at += 1) {
    servers.push(await startServerProcess(environment));
  }
  return {
    database: cluster.url,
    postmaster: await postmasterOf(cluster.url),
    servers,
    stations: plant.stations.slice(FLOOR_STATIONS),
    floor: { seed: floorSeed, hostId, clients: FLOOR_STATIONS },
    async close() {
      for (const server of servers) await server.end();
      await redis?.stop();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
