import { access, constants, mkdir, readdir } from "node:fs/promises";
import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import { readRestored } from "./backup/restored.ts";
import type { Config } from "./config/config.ts";
import { type Database, openDatabase } from "./db/database.ts";
import { startEmbedded } from "./db/embedded/cluster.ts";
import { MIGRATIONS, migrate } from "./db/migrate.ts";
import { newId } from "./ids.ts";
import { type Meters, openMeters } from "./meters.ts";
import { type OutageLog, outageLog } from "./outage-log.ts";
import {
  NotQueuedError,
  postgresBackend,
  type QueueBackend,
  type QueueTrouble,
  redisBackend,
} from "./queue/backend.ts";
import { type Bus, type BusTrouble, openBus } from "./queue/bus.ts";
import { openQueues, type Queues } from "./queue/queues.ts";
import { type BlobStore, BlobsUnavailable } from "./storage/blobs.ts";
import { imagesIn, openBlobs } from "./storage/open.ts";
import { openParts, type PartStore } from "./storage/parts.ts";
import { sharingReads } from "./storage/shared-reads.ts";
import { openVault, type Vault } from "./storage/vault.ts";
import type { Tracing } from "./tracing/tracing.ts";

/** What every feature builds on. Opened by {@link openPlatform}, closed after the app. */
export interface Platform {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly queues: Queues;
  readonly bus: Bus;
  readonly blobs: BlobStore;
  /** Images that come in parts. */
  readonly parts: PartStore;
  readonly vault: Vault;
  readonly outages: OutageLog;
  readonly meters: Meters;
  /** Undefined where nobody wants traces. */
  readonly tracing: Tracing | undefined;
  close(): Promise<void>;
}

/** Made by every agent, and by no server. */
const AGENTS_OWN = ["station.json", "journal.jsonl"];

/** A PC may have both, which read the same variable. Rejects with `config.invalid` when the folder is a station's. */
async function refuseAgentsFolder(dataFolder: string): Promise<void> {
  const names: readonly string[] = await readdir(dataFolder).catch(() => []);
  if (!names.some((name) => AGENTS_OWN.includes(name))) return;
  throw new FlashlineError(
    "config.invalid",
    `${dataFolder} is the data folder of a station's agent. Give the server one of its own (FLASHLINE_DATA).`,
  );
}

/** Rejects with `config.invalid` when nothing can be written there. */
async function prepareDataFolder({ dataFolder }: Config): Promise<void> {
  await refuseAgentsFolder(dataFolder);
  try {
    await mkdir(dataFolder, { recursive: true });
    await access(dataFolder, constants.W_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("config.invalid", `FLASHLINE_DATA cannot be used: ${reason}`, {
      cause,
    });
  }
}

/** The database that the configuration names, running and migrated. `signal` gives that up: it rejects with its reason. */
export async function openConfiguredDatabase(
  config: Config,
  log: Logger,
  signal?: AbortSignal,
  tracing?: Tracing,
): Promise<{
  readonly url: string;
  readonly db: Database;
  readonly outages: OutageLog;
  close(): Promise<void>;
}> {
  const outages = outageLog(log);
  if (config.databaseUrl === undefined) await prepareDataFolder(config);
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbedded({
          data: config.dataFolder,
          port: config.postgresPort,
          signal,
          onTrouble(message, err) {
            if (err !== undefined) outages.explain("database", message, err);
            else outages.note("database", new FlashlineError("server.unavailable", message));
          },
        })
      : undefined;
  const url = embedded?.url ?? config.databaseUrl ?? "";
  if (embedded !== undefined) log.info({ adopted: embedded.adopted }, "embedded PostgreSQL runs");
  try {
    const told = (migration: string, ms: number) =>
      log.info({ migration, seconds: Math.round(ms / 1_000) }, "migrating the database");
    const applied = await migrate(url, MIGRATIONS, told, signal);
    if (applied.length > 0) log.info({ applied }, "database migrated");
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const db = openDatabase({
    url,
    prepare: config.preparedStatements,
    tracing,
    onError(err) {
      if (!outages.note("database", err)) log.warn({ err }, "database connection lost");
    },
  });
  outages.watch("database", () => db.ping());
  return {
    url,
    db,
    outages,
    async close() {
      outages.close();
      await db.close();
      await embedded?.stop();
    },
  };
}

/** Database and bus: what administration needs beside a server that may run elsewhere. */
export type Shared = Pick<Platform, "config" | "log" | "db" | "bus" | "outages" | "close"> & {
  readonly backend: QueueBackend;
};

/** Rejects, with nothing left open, when a part does not come up. */
export async function openShared(
  config: Config,
  log: Logger,
  signal?: AbortSignal,
  tracing?: Tracing,
): Promise<Shared> {
  const { db, url, outages, close } = await openConfiguredDatabase(config, log, signal, tracing);
  const trouble: QueueTrouble = (dependency, err, where) => {
    const of = err instanceof BlobsUnavailable ? "images" : dependency;
    if (!outages.note(of, err)) log.warn({ err, ...where }, "queue");
  };
  const backend =
    config.redisUrl === undefined
      ? postgresBackend(
          url,
          (text, values) => db.sql.query(text, values),
          trouble,
          config.preparedStatements,
        )
      : redisBackend(config.redisUrl, config.redisPrefix, trouble);
  if (backend.dependency === "redis") outages.watch("redis", () => backend.ping());
  const closeAll = async () => {
    await backend.close();
    await close();
  };
  try {
    const busTrouble: BusTrouble = {
      listener: (err) => log.warn({ err }, "bus"),
      line(err) {
        if (!outages.note(backend.dependency, err)) log.warn({ err }, "bus");
      },
    };
    const bus = await openBus(newId(), busTrouble, backend.line);
    return {
      config,
      log,
      db,
      bus,
      outages,
      backend,
      async close() {
        await bus.close();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Loaded only where it is wanted. */
async function tracingOf({ tracing }: Config, log: Logger): Promise<Tracing | undefined> {
  if (tracing === undefined) return undefined;
  const { openTracing } = await import("./tracing/otel.ts");
  return openTracing(tracing.url, tracing.service, log);
}

/** Opens everything in order. Rejects, with nothing left open, when a part does not come up or `signal` gives it up. */
export async function openPlatform(
  config: Config,
  log: Logger,
  signal?: AbortSignal,
): Promise<Platform> {
  await prepareDataFolder(config);
  const restored = await readRestored(config.dataFolder);
  if (restored !== undefined) log.info({ restored }, "this data was restored from a back-up");
  const vault = await openVault(config.secretKey, config.dataFolder);
  const tracing = await tracingOf(config, log);
  const { backend, close, ...shared } = await openShared(config, log, signal, tracing);
  try {
    const away = (err: BlobsUnavailable) => shared.outages.note("images", err);
    const blobs = sharingReads(await openBlobs(config, away));
    const parts = await openParts(imagesIn(config), blobs);
    shared.outages.watch("images", () => blobs.ping());
    const trouble = (err: unknown) => {
      const dependency = err instanceof NotQueuedError ? backend.dependency : "database";
      const reason = err instanceof NotQueuedError ? err.cause : err;
      if (!shared.outages.note(dependency, reason)) log.warn({ err }, "queue");
    };
    const queues = await openQueues(shared.db, backend, trouble, tracing);
    return {
      ...shared,
      queues,
      blobs,
      parts,
      vault,
      meters: openMeters(),
      tracing,
      async close() {
        await queues.close();
        await close();
        await tracing?.close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
