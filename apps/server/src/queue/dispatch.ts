import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { OpenQueue } from "./backend.ts";
import { GATHERED, QUEUE_NAMES, type QueueName } from "./jobs.ts";

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

const TAKE = statement(
  ["names", "most"],
  z.object({ queue: z.enum(QUEUE_NAMES), key: z.string(), payload: z.unknown() }),
  `
DELETE FROM outbox WHERE id IN (
  SELECT id FROM outbox WHERE queue = ANY(:names) ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING queue, key, payload`,
);
type Row = z.output<typeof TAKE.row>;

/** Beside a payload's own keys, which its schema takes. */
const Traced = z.object({ traceparent: z.string() });

/** The span that a queued payload goes on with. */
export const traceparentOf = (payload: unknown): string | undefined =>
  Traced.safeParse(payload).data?.traceparent;

const withTrace = (payloads: readonly unknown[], traceparent: string | undefined) =>
  traceparent === undefined
    ? payloads
    : payloads.map((payload) => ({ ...Object(payload), traceparent }));

interface Gathered {
  readonly queue: QueueName;
  readonly key: string;
  readonly payloads: readonly unknown[];
}

/** One job for all rows of a queue that gathers them, under the key of the first. */
function gather(rows: readonly Row[]): readonly Gathered[] {
  const together = new Map<string, { queue: QueueName; key: string; payloads: unknown[] }>();
  for (const { queue, key, payload } of rows) {
    const name = GATHERED.has(queue) ? queue : `${queue} ${key}`;
    const known = together.get(name);
    if (known === undefined) together.set(name, { queue, key, payloads: [payload] });
    else known.payloads.push(payload);
  }
  return [...together.values()].map((job) =>
    job.payloads.length === 1 ? job : { ...job, key: `${job.key}-and-${job.payloads.length - 1}` },
  );
}

/**
 * Moves the outbox into the queues named; returns how many rows. Replicas share the work. A job that was queued just before a
 * crash is queued again, and its handler finds nothing left to do. The jobs go on with the span of `traceparent`.
 */
export async function dispatchOutbox(
  db: Database,
  queues: Readonly<Record<QueueName, OpenQueue>>,
  names: readonly QueueName[],
  traceparent?: string,
): Promise<number> {
  let moved = 0;
  for (;;) {
    const count = await db.transaction(async (sql) => {
      const rows = await sql.rows(TAKE, { names, most: BATCH });
      await Promise.all(
        gather(rows).map(({ queue, key, payloads }) =>
          queues[queue].add(withTrace(payloads, traceparent), { ...OPTIONS, jobId: key }),
        ),
      );
      return rows.length;
    });
    moved += count;
    if (count < BATCH) return moved;
  }
}
