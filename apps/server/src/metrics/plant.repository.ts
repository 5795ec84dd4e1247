import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { OPEN_SQL } from "../jobs/moves.ts";

const Reading = z.object({
  /** Name of the metric, without its prefix. */
  name: z.string(),
  label: z.string(),
  value: z.number(),
});
export type Reading = z.infer<typeof Reading>;

/**
 * What all replicas share, by metric and its one label. Each is an aggregate of few rows: open jobs by a partial index, and tables
 * of a plant's size.
 */
const READINGS = statement(
  [],
  Reading,
  `
SELECT 'jobs_open' AS name, state AS label, count(*)::float8 AS value FROM job
 WHERE state IN (${OPEN_SQL}) GROUP BY state
UNION ALL SELECT 'outbox_entries', queue, count(*) FROM outbox GROUP BY queue
UNION ALL SELECT 'outbox_oldest_seconds', queue, extract(epoch FROM now() - min(created_at)) FROM outbox GROUP BY queue
UNION ALL SELECT 'stations', CASE WHEN credential_hash IS NULL THEN 'not enrolled'
   WHEN last_seen_at > now() - interval '40 seconds' THEN 'connected' ELSE 'silent' END, count(*) FROM station GROUP BY 2
UNION ALL SELECT 'hosts', verdict, count(*) FROM host WHERE NOT virtual GROUP BY verdict
UNION ALL SELECT 'work_orders', state, count(*) FROM work_order WHERE state = 'open' GROUP BY state
UNION ALL SELECT 'work_order_units_left', number, quantity - used FROM work_order WHERE state = 'open'
UNION ALL SELECT 'alarms_open', rule, count(*) FROM alarm WHERE recovered_at IS NULL GROUP BY rule
UNION ALL SELECT 'alarms_untaken', rule, count(*) FROM alarm WHERE recovered_at IS NULL AND taken_at IS NULL GROUP BY rule
UNION ALL SELECT 'verdict_lag_events', 'hosts', (SELECT coalesce(max(position), 0) FROM ledger) - position FROM verdict_progress
UNION ALL SELECT 'webhook_lag_events', name, (SELECT coalesce(max(position), 0) FROM ledger) - position FROM webhook
UNION ALL SELECT 'webhook_failing_seconds', name, coalesce(extract(epoch FROM now() - failing_since), 0) FROM webhook
UNION ALL SELECT 'webhook_dead_letters', name, (SELECT count(*) FROM webhook_letter l WHERE l.webhook_id = w.id) FROM webhook w
UNION ALL SELECT 'mails_waiting', what, count(*) FROM alarm_mail GROUP BY what
UNION ALL SELECT 'numbers_left', p.name || ' ' || r.name, sum(greatest(0, r.last - r.next + 1))
  FROM number_range r JOIN product p ON p.id = r.product_id GROUP BY 2`,
);

/** One statement. */
export const readPlant = (sql: Sql): Promise<readonly Reading[]> => sql.rows(READINGS, {});
