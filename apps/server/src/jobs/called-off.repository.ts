import { HOLD_CODES } from "@flashline/contract";
import { z } from "zod";
import { heldSql } from "../db/held.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { ORIGIN_PARAMETERS, originValues } from "../ledger/event-sql.ts";
import { ofServer } from "../ledger/origin.ts";
import { jobEventSql } from "./job-event-sql.ts";
import { HOLDABLE, movesOf } from "./moves.ts";

const Called = z.object({ jobId: z.string(), stationId: z.string() });

/**
 * A job that another statement is just moving is left out: that one sees the hold, or the next call comes here again. Orders are
 * taken in one sequence, because the trigger that counts their units locks them.
 */
const CALL_OFF = statement(
  ["moves", "codes", ...ORIGIN_PARAMETERS],
  Called,
  `
WITH held AS MATERIALIZED (
  SELECT j.id, found.kind, found.reason
    FROM job j JOIN unit u ON u.id = j.unit_id JOIN nest n ON n.id = j.nest_id JOIN station s ON s.id = j.station_id
    CROSS JOIN LATERAL (SELECT hold.kind, hold.reason ${heldSql(HOLDABLE, "u")} LIMIT 1) found
   WHERE j.state IN ('QUEUED', 'OFFERED')
   ORDER BY j.work_order_id, j.id LIMIT 500 FOR UPDATE OF j SKIP LOCKED),
 moved AS (
  UPDATE job j SET state = :moves::jsonb ->> j.state, code = :codes::jsonb ->> held.kind, deadline = NULL, changed_at = now()
    FROM held WHERE j.id = held.id AND j.state IN ('QUEUED', 'OFFERED') AND :moves::jsonb ? j.state
  RETURNING j.*),
told AS (${jobEventSql("job.cancelled", "moved", "(SELECT held.reason FROM held WHERE held.id = ended.id)")})
SELECT id AS "jobId", station_id AS "stationId" FROM moved`,
);

/** → CANCELLED with the hold's code: every job that was not fetched where a hold is on now. */
export const callOffHeld = (sql: Sql): Promise<readonly z.infer<typeof Called>[]> =>
  sql.rows(CALL_OFF, {
    moves: JSON.stringify(movesOf("cancel")),
    codes: JSON.stringify(HOLD_CODES),
    ...originValues(ofServer("holds")),
  });
