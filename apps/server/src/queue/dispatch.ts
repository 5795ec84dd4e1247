import type { Database } from "../db/database.ts";
import type { OpenQueue } from "./backend.ts";
import { JOBS, type QueueName } from "./jobs.ts";

const BATCH = 200;
/**
 * A job that throws is tried again; what still fails is given up here, and the feature's own sweep finds it in PostgreSQL.
 * Done and failed jobs leave nothing behind, so that their key may be used again.
 */
const OPTIONS = {
  attempts: 5,
  backoff: { type: "exponential", delay: 500 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

interface Row {
  readonly id: string;
  readonly queue: QueueName;
  readonly key: string;
  readonly payload: unknown;
}

/**
 * Moves the outbox into the queues; returns how many. Replicas share the work. A job that was queued just before a crash is
 * queued again, and its handler finds nothing left to do.
 */
export async function dispatchOutbox(
  db: Database,
  queues: Readonly<Record<QueueName, OpenQueue>>,
): Promise<number> {
  let moved = 0;
  for (;;) {
    const count = await db.transaction(async (sql) => {
      const rows = await sql.query<Row>(
        `DELETE FROM outbox WHERE id IN (
           SELECT id FROM outbox WHERE queue = ANY($1) ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING id, queue, key, payload`,
        [Object.keys(JOBS), BATCH],
      );
      await Promise.all(
        rows.map((row) => queues[row.queue].add(row.payload, { ...OPTIONS, jobId: row.key })),
      );
      return rows.length;
    });
    moved += count;
    if (count < BATCH) return moved;
  }
}
