import type { JobHandlers, PeriodicTask } from "./queue/jobs.ts";

/**
 * What a folder of the server hands to {@link buildApp}: it has registered its routes and tells here what runs besides
 * requests. Queue handlers are gathered in `features.ts`, where a missing one is a compile error.
 */
export interface Feature<Queues extends keyof JobHandlers = never> {
  readonly handlers: Pick<JobHandlers, Queues>;
  readonly tasks?: readonly PeriodicTask[];
  /** Begins what runs by itself on every replica. Not called where only the routes are wanted. */
  readonly start?: () => void;
  /** The server is about to close: end long polls and event streams now, with an answer. */
  readonly preClose?: () => void | Promise<void>;
  /** Stop timers and subscriptions; requests have ended. */
  readonly close?: () => void | Promise<void>;
}
