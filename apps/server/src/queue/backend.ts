import { createPostgresBackend, createRedisBackend, type JobsOptions, withBackend } from "bullmq";
import { Redis } from "ioredis";
import type { OpenLine } from "./bus.ts";
import { postgresLine } from "./postgres-line.ts";
import { redisLine } from "./redis-line.ts";

export interface OpenQueue {
  add(payload: unknown, options: JobsOptions): Promise<unknown>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}
export interface OpenWorker {
  /** Waits for running jobs. */
  close(): Promise<void>;
}
export type RunJob = (data: unknown) => Promise<void>;
export type QueueTrouble = (queue: string, error: Error, jobId?: string) => void;

/** The part of BullMQ that the server uses, the same on Redis and on PostgreSQL. */
export interface QueueBackend {
  readonly kind: "redis" | "postgresql";
  /** Resolves when jobs can be added. */
  openQueue(name: string): Promise<OpenQueue>;
  openWorker(name: string, concurrency: number, run: RunJob): Promise<OpenWorker>;
  readonly line: OpenLine;
  close(): Promise<void>;
}

interface QueueLike {
  add(name: string, data: unknown, options: JobsOptions): Promise<unknown>;
  getJobCounts(...types: "wait"[]): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}
interface WorkerLike {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "failed",
    listener: (job: { id?: string | undefined } | undefined, error: Error) => void,
  ): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

async function opened(name: string, queue: QueueLike, trouble: QueueTrouble): Promise<OpenQueue> {
  queue.on("error", (error) => trouble(name, error));
  await queue.waitUntilReady();
  return {
    add: (payload, options) => queue.add(name, payload, options),
    ping: () => queue.getJobCounts("wait"),
    close: () => queue.close(),
  };
}

async function working(
  name: string,
  worker: WorkerLike,
  trouble: QueueTrouble,
): Promise<OpenWorker> {
  worker.on("error", (error) => trouble(name, error));
  worker.on("failed", (job, error) => trouble(name, error, job?.id));
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}

/** BullMQ's tables live beside ours, in a schema of their own. */
const SCHEMA = "bullmq";
/** One pool a queue and one a worker; idle connections are given back. */
const POOL = 2;

export function postgresBackend(
  url: string,
  send: (text: string, values: readonly unknown[]) => Promise<unknown>,
  trouble: QueueTrouble,
): QueueBackend {
  const bull = withBackend(createPostgresBackend);
  const connection = { connectionString: url, schema: SCHEMA, migrate: true, max: POOL };
  return {
    kind: "postgresql",
    openQueue: (name) => opened(name, new bull.Queue(name, { connection }), trouble),
    openWorker: (name, concurrency, run) =>
      working(
        name,
        new bull.Worker(name, (job) => run(job.data), { connection, concurrency }),
        trouble,
      ),
    line: postgresLine(url, send),
    close: () => Promise.resolve(),
  };
}

export function redisBackend(url: string, trouble: QueueTrouble): QueueBackend {
  const bull = withBackend(createRedisBackend);
  // Adding fails at once while Redis is away: the outbox keeps the entry.
  const adding = new Redis(url, { enableOfflineQueue: true, maxRetriesPerRequest: 1 });
  const blocking = new Redis(url, { maxRetriesPerRequest: null });
  for (const client of [adding, blocking]) {
    client.on("error", (error: Error) => trouble("redis", error));
  }
  return {
    kind: "redis",
    openQueue: (name) => opened(name, new bull.Queue(name, { connection: adding }), trouble),
    openWorker: (name, concurrency, run) =>
      working(
        name,
        new bull.Worker(name, (job) => run(job.data), { connection: blocking, concurrency }),
        trouble,
      ),
    line: redisLine(url),
    async close() {
      adding.disconnect();
      blocking.disconnect();
      await Promise.resolve();
    },
  };
}
