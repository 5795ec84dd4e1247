import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError } from "@flashline/contract";
import { createRedisBackend, type JobsOptions, withBackend } from "bullmq";
import type { Dependency } from "../outage-log.ts";
import type { OpenLine } from "./bus.ts";
import { createSafeBackend, queueConnection } from "./postgres-backend.ts";
import { postgresLine } from "./postgres-line.ts";
import { openRedis } from "./redis-client.ts";
import { redisLine } from "./redis-line.ts";

export interface OpenQueue {
  add(payload: unknown, options: JobsOptions): Promise<unknown>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<unknown>;
  close(): Promise<void>;
}
export interface OpenWorker {
  /** Waits for running jobs, 8 s at most: what is cut off is run again. */
  close(): Promise<void>;
}
export type RunJob = (data: unknown) => Promise<void>;
/** A queue could not do something; it is what `dependency` did. */
export type QueueTrouble = (
  dependency: Dependency,
  error: Error,
  where: { readonly queue: string; readonly jobId?: string | undefined },
) => void;

/** A job that its queue did not take; `cause` is what the backend said. */
export class NotQueuedError extends FlashlineError {
  constructor(queue: string, cause: unknown) {
    super("server.unavailable", `The queue "${queue}" did not take a job.`, { cause });
  }
}

/** The part of BullMQ that the server uses, the same on Redis and on PostgreSQL. */
export interface QueueBackend {
  readonly kind: "redis" | "postgresql";
  /** What the queues and the line between replicas live in. */
  readonly dependency: Dependency;
  /** Rejects when the backend does not answer. */
  ping(): Promise<unknown>;
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
type OnError = (error: Error, where: { readonly queue: string }) => void;
interface WorkerLike {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(
    event: "failed",
    listener: (job: { id?: string | undefined } | undefined, error: Error) => void,
  ): unknown;
  waitUntilReady(): Promise<unknown>;
  run(): Promise<unknown>;
  close(): Promise<void>;
}

async function opened(name: string, queue: QueueLike, onError: OnError): Promise<OpenQueue> {
  queue.on("error", (error) => onError(error, { queue: name }));
  await queue.waitUntilReady();
  return {
    add: (payload, options) =>
      queue.add(name, payload, options).catch((cause: unknown) => {
        throw new NotQueuedError(name, cause);
      }),
    ping: () => queue.getJobCounts("wait"),
    close: () => queue.close(),
  };
}

async function working(
  name: string,
  worker: WorkerLike,
  onError: OnError,
  trouble: QueueTrouble,
): Promise<OpenWorker> {
  worker.on("error", (error) => onError(error, { queue: name }));
  // What a job does, it does in PostgreSQL.
  worker.on("failed", (job, error) => trouble("database", error, { queue: name, jobId: job?.id }));
  try {
    await worker.waitUntilReady();
  } catch (error) {
    worker.close().catch(() => undefined);
    throw error;
  }
  worker.run().catch((error: Error) => onError(error, { queue: name }));
  return { close: () => atMost(CLOSE_MS, worker.close()) };
}

/**
 * A worker that cannot report the end of a job waits until its backend is back, which may be never. After this time it stops
 * waiting, milliseconds.
 */
const CLOSE_MS = 8_000;

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const ending = new AbortController();
  const late = pause(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  await Promise.race([work, late]).finally(() => ending.abort());
}

/**
 * What a worker was doing when it was killed is run by another one after these: the lock ends, and the next two looks find it.
 * A job that was only slow runs twice then, and finds nothing left to do. Milliseconds.
 *
 * BullMQ's worker asks on and on, without any pause, where its first connection to PostgreSQL failed: nothing else of the process runs then. So
 * it runs only once it is ready.
 */
const WORKER = {
  lockDuration: 6_000,
  stalledInterval: 3_000,
  maxStalledCount: 5,
  autorun: false,
} as const;

export function postgresBackend(
  url: string,
  send: (text: string, values: readonly unknown[]) => Promise<unknown>,
  trouble: QueueTrouble,
  prepare = true,
): QueueBackend {
  const bull = withBackend(createSafeBackend);
  const onError: OnError = (error, where) => trouble("database", error, where);
  const connection = queueConnection(url, prepare);
  return {
    kind: "postgresql",
    dependency: "database",
    ping: () => send("SELECT 1", []),
    openQueue: (name) => opened(name, new bull.Queue(name, { connection }), onError),
    openWorker: (name, concurrency, run) =>
      working(
        name,
        new bull.Worker(name, (job) => run(job.data), { connection, concurrency, ...WORKER }),
        onError,
        trouble,
      ),
    line: postgresLine(url, send),
    close: () => Promise.resolve(),
  };
}

/** Every key and channel begins with `prefix`. */
export function redisBackend(url: string, prefix: string, trouble: QueueTrouble): QueueBackend {
  const bull = withBackend(createRedisBackend);
  const onError: OnError = (error, where) => trouble("redis", error, where);
  // Adding waits for two tries to reconnect, about a second, and then fails: the outbox keeps the entry.
  const adding = openRedis(url, { enableOfflineQueue: true, maxRetriesPerRequest: 1 });
  const blocking = openRedis(url, { maxRetriesPerRequest: null });
  for (const client of [adding, blocking]) {
    client.on("error", (error: Error) => onError(error, { queue: "redis" }));
  }
  return {
    kind: "redis",
    dependency: "redis",
    ping: () => adding.ping(),
    openQueue: (name) =>
      opened(name, new bull.Queue(name, { connection: adding, prefix }), onError),
    openWorker: (name, concurrency, run) =>
      working(
        name,
        new bull.Worker(name, (job) => run(job.data), {
          connection: blocking,
          prefix,
          concurrency,
          ...WORKER,
        }),
        onError,
        trouble,
      ),
    line: redisLine(url, prefix),
    async close() {
      adding.disconnect();
      blocking.disconnect();
      await Promise.resolve();
    },
  };
}
