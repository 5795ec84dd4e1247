import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const END = statement(
  ["id", "state", "by", "reason"],
  z.object({
    made: z.number(),
    failed: z.number(),
    incidents: z.number(),
    nestId: z.string(),
    name: z.string(),
    plantId: z.string(),
  }),
  `
UPDATE golden_run run SET state = :state, ended_at = now(), ended_by = :by, end_reason = :reason
  FROM nest n, station s, line l
 WHERE run.id = :id::uuid AND run.state = 'planned' AND n.id = run.nest_id AND s.id = n.station_id AND l.id = s.line_id
RETURNING run.made, run.failed, run.incidents, n.id AS "nestId", s.name || '/' || n.name AS name, l.plant_id AS "plantId"`,
);

/** Ends a run that is planned, in the transaction of the deed; false where it has ended before. */
export async function endRun(
  sql: Sql,
  id: string,
  state: "done" | "stopped",
  reason: string | null,
  by: Origin,
): Promise<boolean> {
  const ended = await sql.row(END, { id, state, by: actorOf(by), reason });
  if (ended === undefined) return false;
  const { made, failed, incidents, nestId, name, plantId } = ended;
  await recordEvent(sql, {
    kind: "golden.run-ended",
    by,
    plantId,
    subject: { id: nestId, name },
    reason: reason ?? undefined,
    data: { run: id, state, made, failed, incidents },
  });
  return true;
}
