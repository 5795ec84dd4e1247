import { Id } from "@flashline/contract";
import { z } from "zod";

/** Every queue with what its jobs carry. Payloads are parsed on both ends; PostgreSQL is the truth, they only point at it. */
export const JOBS = {
  /** Check a draft release. */
  release: z.object({ releaseId: Id }),
  /** Check a QUEUED job and offer it to its station. */
  flash: z.object({ jobId: Id }),
  /** Something counted: judge the hosts again, roll up. */
  insight: z.object({ attemptId: Id.optional() }),
  /** A periodic task by its name. */
  maintenance: z.object({ task: z.string().min(1).max(60) }),
} as const satisfies Record<string, z.ZodType>;

export type QueueName = keyof typeof JOBS;
export const QUEUE_NAMES = Object.keys(JOBS) as QueueName[];
export type JobPayload<N extends QueueName> = z.output<(typeof JOBS)[N]>;

/** Queues that carry what was announced at about the same time as one job, because a job costs more than its payload. */
export const GATHERED: ReadonlySet<QueueName> = new Set(["flash", "insight"]);

/** What runs a queue's jobs. May run twice for one payload: the handler asks PostgreSQL what is left to do. */
export type JobHandlers = {
  readonly [N in QueueName]: (payloads: readonly JobPayload<N>[]) => Promise<void>;
};

/** A task that one replica at a time runs, again and again. */
export interface PeriodicTask {
  readonly name: string;
  /** Milliseconds between runs, at least 1000. */
  readonly everyMs: number;
  run(): Promise<void>;
}
