import type { Database } from "../db/database.ts";
import type { OpenQueue, OpenWorker, QueueBackend } from "./backend.ts";
import { dispatchOutbox } from "./dispatch.ts";
import { JOBS, type JobHandlers, type PeriodicTask, type QueueName } from "./jobs.ts";

/** The queues of one replica. */
export interface Queues {
  readonly kind: "redis" | "postgresql";
  /**
   * Moves announced jobs from the outbox into their queues: call it right after the commit, and do not wait for it where
   * an answer depends on speed. Never rejects: what could not be moved stays for the sweeper.
   */
  dispatch(): Promise<void>;
  /** Starts the workers, the outbox sweeper and the periodic tasks. Once. */
  start(handlers: JobHandlers, tasks: readonly PeriodicTask[]): Promise<void>;
  /** Rejects when the backend does not answer. */
  ping(): Promise<void>;
  /** Waits for running jobs. */
  close(): Promise<void>;
}

const SWEEP_MS = 5_000;
const CONCURRENCY: Readonly<Record<QueueName, number>> = {
  release: 1,
  flash: 8,
  insight: 1,
  maintenance: 2,
};

const names = Object.keys(JOBS) as QueueName[];

/** Runs a job of queue `name`: parses what the queue gave back and calls the handler. */
function runner<N extends QueueName>(name: N, handlers: JobHandlers) {
  const handler: (payload: never) => Promise<void> = handlers[name];
  return (data: unknown) => handler(JOBS[name].parse(data) as never);
}

export async function openQueues(
  db: Database,
  backend: QueueBackend,
  onError: (error: unknown) => void,
): Promise<Queues> {
  const open = await Promise.all(
    names.map(async (name) => [name, await backend.openQueue(name)] as const),
  );
  const queues = Object.fromEntries(open) as Record<QueueName, OpenQueue>;
  const workers: OpenWorker[] = [];
  const timers: NodeJS.Timeout[] = [];
  let moving: Promise<void> | undefined;
  let again = false;

  const move = async (): Promise<void> => {
    do {
      again = false;
      await dispatchOutbox(db, queues);
    } while (again);
  };
  const dispatch = (): Promise<void> => {
    if (moving !== undefined) {
      again = true;
      return moving;
    }
    moving = move()
      .catch(onError)
      .finally(() => {
        moving = undefined;
      });
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
    async start(handlers, tasks) {
      workers.push(
        ...(await Promise.all(
          names.map((name) => backend.openWorker(name, CONCURRENCY[name], runner(name, handlers))),
        )),
      );
      timers.push(setInterval(() => void dispatch(), SWEEP_MS));
      for (const task of tasks) timers.push(setInterval(() => void enqueue(task), task.everyMs));
      await dispatch();
    },
    async ping() {
      await queues.maintenance.ping();
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await moving;
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}
