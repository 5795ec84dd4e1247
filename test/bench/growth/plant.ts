import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  readToken,
  type SeededStation,
  type ServerProcess,
  seedPlant,
  startEmbedded,
  startServerProcess,
} from "@flashline/server/testing";
import { fill } from "./fill.ts";

const STATIONS = 47;
const PLANT = "plant.json";
/** Only while the database is filled: what a crash would cost is a new fill. */
const FILLING = ["fsync=off", "full_page_writes=off", "max_wal_size=8GB", "autovacuum=off"];

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

const names = Array.from({ length: STATIONS }, (_, at) => `G${at + 10}`);

async function grow(folder: string, attempts: number, say: (line: string) => void): Promise<Grown> {
  const cluster = await startEmbedded({ data: path.join(folder, "cluster"), settings: FILLING });
  try {
    const environment = { FLASHLINE_DATA: path.join(folder, "server"), DATABASE_URL: cluster.url };
    const { seed, stations } = await seedPlant(environment, names);
    const filled = await fill(cluster.url, stations, seed.releaseId, attempts, say);
    return { attempts: filled, stations, imageSha256: seed.imageSha256 };
  } finally {
    await cluster.stop();
  }
}

/** Fills the folder's database when nothing filled it before, and starts PostgreSQL and a server on it, each with its own settings. */
export async function openGrown(
  folder: string,
  attempts: number,
  say: (line: string) => void,
): Promise<GrownPlant> {
  const file = path.join(folder, PLANT);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(await grow(folder, attempts, say)));
  }
  const grown = JSON.parse(readFileSync(file, "utf8")) as Grown;
  const cluster = await startEmbedded({ data: path.join(folder, "cluster") });
  const environment = { FLASHLINE_DATA: path.join(folder, "server"), DATABASE_URL: cluster.url };
  const server = await startServerProcess(environment).catch(async (error: unknown) => {
    await cluster.stop();
    throw error;
  });
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
