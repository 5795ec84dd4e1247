import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "../db/database.ts";
import { type Tracing, traced } from "../tracing/tracing.ts";
import type { OpenQueue, OpenWorker, QueueBackend } from "./backend.ts";
import { dispatchOutbox, traceparentOf } from "./dispatch.ts";
import { JOBS, type JobHandlers, type PeriodicTask, QUEUE_NAMES, type QueueName } from "./jobs.ts";

/** The queues of one replica. */
export interface Queues {
  readonly kind: "redis" | "postgresql";
  /**
   * Moves announced jobs from the outbox into their queues, or into those that are named: call it right after the commit, and do
   * not wait for it where an answer depends on speed. Never rejects: what could not be moved stays for the sweeper.
   */
  dispatch(into?: readonly QueueName[]): Promise<void>;
  /** The same for jobs of the other queues, for which nobody waits: within a second, together with others. */
  dispatchLater(): void;
  /** Starts the workers, the outbox sweeper and the periodic tasks. Once. */
  start(handlers: JobHandlers, tasks: readonly PeriodicTask[]): Promise<void>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
  /** Waits for running jobs. */
  close(): Promise<void>;
}

/** The queues whose jobs somebody waits for. */
export const URGENT: readonly QueueName[] = ["flash", "release"];
const PATIENT = QUEUE_NAMES.filter((name) => !URGENT.includes(name));

const SWEEP_MS = 5_000;
/** How long what is not urgent is gathered, milliseconds. */
const LATER_MS = 1_000;
/** From the begin of one dispatch to the next, milliseconds: under load a job then carries what came in meanwhile. */
const GATHER_MS = 20;
/** And at least so many times what the last one took: a slow machine gathers more. */
const GATHER_TIMES = 2;
const CONCURRENCY: Readonly<Record<QueueName, number>> = {
  release: 1,
  // What an order did not offer itself, all of it in one job. Every idle hand asks PostgreSQL now and then.
  flash: 1,
  insight: 1,
  maintenance: 2,
};

/** Runs a job of queue `name`: parses what the queue gave back, one payload or several, and calls the handler. */
function runner<N extends QueueName>(name: N, handlers: JobHandlers, tracing?: Tracing) {
  const handler: (payloads: never) => Promise<void> = handlers[name];
  const parse = (data: unknown) => JOBS[name].parse(data);
  return (data: unknown) => {
    const payloads: readonly unknown[] = Array.isArray(data) ? data : [data];
    const work = () => handler(payloads.map(parse) as never);
    const attributes = { "messaging.batch.message_count": payloads.length };
    const origin = { parent: traceparentOf(payloads[0]), attributes };
    return traced(tracing, `queue ${name}`, "consumer", work, origin);
  };
}

export async function openQueues(
  db: Database,
  backend: QueueBackend,
  onError: (error: unknown) => void,
  tracing?: Tracing,
): Promise<Queues> {
  const open = await Promise.all(
    QUEUE_NAMES.map(async (name) => [name, await backend.openQueue(name)] as const),
  );
  const queues = Object.fromEntries(open) as Record<QueueName, OpenQueue>;
  const workers: OpenWorker[] = [];
  const timers: NodeJS.Timeout[] = [];
  let moving = Promise.resolve();
  let isMoving = false;
  let later: NodeJS.Timeout | undefined;
  let began = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  const wanted = new Set<QueueName>();
  /** Who wants it: the spans that the next dispatch goes on with. */
  const wantedBy = new Set<string>();

  /** Ends in the same step in which nothing is wanted any more: what is wanted after that is a move of its own. */
  const move = async (): Promise<void> => {
    isMoving = true;
    try {
      do {
        const early = began + Math.max(GATHER_MS, GATHER_TIMES * tookMs) - performance.now();
        if (early > 0) await pause(early);
        const into = [...wanted];
        wanted.clear();
        const [parent, ...links] = wantedBy;
        wantedBy.clear();
        began = performance.now();
        await traced(
          tracing,
          "dispatch",
          "internal",
          () => dispatchOutbox(db, queues, into, tracing?.current()),
          { parent, links },
        );
        tookMs = performance.now() - began;
      } while (wanted.size > 0);
    } catch (error) {
      wanted.clear();
      onError(error);
    } finally {
      isMoving = false;
    }
  };
  const dispatch = (into: readonly QueueName[] = QUEUE_NAMES): Promise<void> => {
    for (const name of into) wanted.add(name);
    const asked = tracing?.current();
    if (asked !== undefined) wantedBy.add(asked);
    if (!isMoving) moving = move();
    return moving;
  };
  // The key holds the interval's number, so that replicas that tick together queue the task once.
  const enqueue = (task: PeriodicTask) =>
    queues.maintenance
      .add(
        { task: task.name },
        {
          jobId: `${task.name}-${Math.floor(Date.now() / task.everyMs)}`,
          removeOnComplete: { age: 60 },
          removeOnFail: { age: 60 },
        },
      )
      .catch(onError);

  return {
    kind: backend.kind,
    dispatch,
    dispatchLater() {
      later ??= setTimeout(() => {
        later = undefined;
        void dispatch(PATIENT);
      }, LATER_MS);
    },
    async start(handlers, tasks) {
      const opening = QUEUE_NAMES.map(async (name) => {
        workers.push(
          await backend.openWorker(name, CONCURRENCY[name], runner(name, handlers, tracing)),
        );
      });
      // Where one could not be opened, the others are closed with all of it.
      await Promise.allSettled(opening);
      await Promise.all(opening);
      timers.push(setInterval(() => void dispatch(), SWEEP_MS));
      for (const task of tasks) timers.push(setInterval(() => void enqueue(task), task.everyMs));
      await dispatch();
    },
    async ping() {
      await queues.maintenance.ping();
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      clearTimeout(later);
      await moving;
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}
