import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  readToken,
  type SeededStation,
  type ServerProcess,
  seedPlant,
  startEmbedded,
  startServerProcess,
  withClient,
} from "@flashline/server/testing";
import { fill, type Growth } from "./fill.ts";
import { zoneWhereItIs } from "./zone.ts";

const STATIONS = 47;
/** What a bench grows. */
const DAYS = 90;
const PLANT = "plant.json";
/** Only while the database is filled: what a crash would cost is a new fill. */
const FILLING = ["fsync=off", "full_page_writes=off", "max_wal_size=8GB", "autovacuum=off"];

/** A database of an older server is migrated first, milliseconds. */
const MIGRATED_MS = 3_600_000;

interface Grown {
  readonly attempts: number;
  readonly stations: readonly SeededStation[];
  readonly imageSha256: string;
}

/** A server that runs on a database which has grown. */
export interface GrownPlant extends Grown {
  readonly database: string;
  readonly server: ServerProcess;
  readonly token: string;
  close(): Promise<void>;
}

/** What the folder's database is filled with, where nothing filled it before. */
export interface Wanted extends Growth {
  readonly stations: number;
}
const benchOf = (attempts: number): Wanted => ({ attempts, days: DAYS, stations: STATIONS });

async function grow(folder: string, wanted: Wanted, say: (line: string) => void): Promise<Grown> {
  const names = Array.from({ length: wanted.stations }, (_, at) => `G${at + 10}`);
  const cluster = await startEmbedded({ data: path.join(folder, "cluster"), settings: FILLING });
  try {
    const environment = { FLASHLINE_DATA: path.join(folder, "server"), DATABASE_URL: cluster.url };
    const { seed, stations } = await seedPlant(environment, names);
    const filled = await fill(cluster.url, stations, seed.releaseId, wanted, say);
    return { attempts: filled, stations, imageSha256: seed.imageSha256 };
  } finally {
    await cluster.stop();
  }
}

const COUNTED = `
SELECT counted_until >= now() - interval '1 hour' AND NOT EXISTS (SELECT FROM yield_touched) AS done FROM yield_progress`;

/** Waits until the server has counted ahead what there is. Resolves to how long that took, seconds. */
async function waitForCounts(database: string): Promise<number> {
  const began = performance.now();
  await withClient(database, async (client) => {
    while ((await client.query<{ done: boolean }>(COUNTED)).rows[0]?.done !== true)
      await new Promise((resolve) => setTimeout(resolve, 500));
  });
  return (performance.now() - began) / 1000;
}

/** Fills the folder's database when nothing filled it before, and starts PostgreSQL on it with its own settings. */
export async function openGrownDatabase(
  folder: string,
  attempts: number | Wanted,
  say: (line: string) => void,
): Promise<{ readonly grown: Grown; readonly cluster: Awaited<ReturnType<typeof startEmbedded>> }> {
  const file = path.join(folder, PLANT);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      JSON.stringify(
        await grow(folder, typeof attempts === "number" ? benchOf(attempts) : attempts, say),
      ),
    );
  }
  const grown = JSON.parse(readFileSync(file, "utf8")) as Grown;
  return { grown, cluster: await startEmbedded({ data: path.join(folder, "cluster") }) };
}

/** The same with a server on it. */
export async function openGrown(
  folder: string,
  attempts: number | Wanted,
  say: (line: string) => void,
): Promise<GrownPlant> {
  const { grown, cluster } = await openGrownDatabase(folder, attempts, say);
  const environment = { FLASHLINE_DATA: path.join(folder, "server"), DATABASE_URL: cluster.url };
  const server = await startServerProcess(environment, MIGRATED_MS).catch(
    async (error: unknown) => {
      await cluster.stop();
      throw error;
    },
  );
  await withClient(cluster.url, (client) =>
    client.query("UPDATE plant SET time_zone = $1", [zoneWhereItIs(23)]),
  );
  say(`attempts were counted ahead in ${(await waitForCounts(cluster.url)).toFixed(0)} s`);
  return {
    ...grown,
    database: cluster.url,
    server,
    token: await readToken(cluster.url),
    async close() {
      await server.end();
      await cluster.stop();
    },
  };
}
