import type { Sql } from "../db/sql.ts";
import type { JobPayload, QueueName } from "./jobs.ts";

/** A job that must be queued if, and only if, the transaction commits. */
export interface OutboxEntry<N extends QueueName = QueueName> {
  readonly queue: N;
  /** The queue's job id. Neither all digits nor with ":". Queued once while a job with this id waits or runs. */
  readonly key: string;
  readonly payload: JobPayload<N>;
}

/** Call `queues.dispatch()` right after the commit; a sweeper finds what is left over. */
export async function announce<N extends QueueName>(
  sql: Sql,
  entry: OutboxEntry<N>,
): Promise<void> {
  await sql.execute("INSERT INTO outbox (queue, key, payload) VALUES ($1, $2, $3)", [
    entry.queue,
    entry.key,
    JSON.stringify(entry.payload),
  ]);
}
