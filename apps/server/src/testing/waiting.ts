import { expect } from "vitest";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** Whose waits end with this transaction: they wait for a lock that it has, or behind one that does. */
const BEHIND = statement(
  [],
  z.object({ n: z.number() }),
  `
WITH RECURSIVE waiting AS MATERIALIZED (
  SELECT DISTINCT pid, pg_blocking_pids(pid) AS behind FROM pg_locks WHERE NOT granted),
ours AS (
  SELECT pg_backend_pid() AS pid
  UNION SELECT w.pid FROM waiting w JOIN ours o ON o.pid = ANY(w.behind))
SELECT count(*)::int - 1 AS n FROM ours`,
);

/** How many wait for this transaction. The run's other databases wait for locks of their own, and so do the servers' background tasks. */
export const waitingFor = async (tx: Sql): Promise<number> => (await tx.row(BEHIND, {}))?.n ?? 0;

/** Until so many wait for this transaction. */
export async function untilWaiting(tx: Sql, count: number): Promise<void> {
  await expect.poll(() => waitingFor(tx), { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
}
