import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { COUNTED_SQL } from "./moves.ts";

const Wrong = z.object({ number: z.string(), kept: z.number(), counted: z.number() });
/** An open order whose kept count of used or of kept places is not what its jobs and grants come to. */
export type WrongCount = z.infer<typeof Wrong>;

/** What jobs change meanwhile is not undone: the difference is added, and one snapshot tells it. */
const REPAIR = statement(
  [],
  Wrong,
  `
WITH wrong AS (
  SELECT wo.id, wo.used AS kept, (SELECT count(*)::int FROM job j
           WHERE j.work_order_id = wo.id AND j.state IN (${COUNTED_SQL})) AS counted
    FROM work_order wo WHERE wo.state = 'open')
UPDATE work_order wo SET used = wo.used + wrong.counted - wrong.kept
  FROM wrong WHERE wo.id = wrong.id AND wrong.kept <> wrong.counted
RETURNING wo.number, wrong.kept, wrong.counted`,
);

/** The same of places that grants keep. */
const REPAIR_RESERVED = statement(
  [],
  Wrong,
  `
WITH wrong AS (
  SELECT wo.id, wo.reserved AS kept, (SELECT coalesce(sum(g.units - g.used), 0)::int FROM offline_grant g
           WHERE g.work_order_id = wo.id AND g.ended_at IS NULL) AS counted
    FROM work_order wo WHERE wo.state = 'open')
UPDATE work_order wo SET reserved = wo.reserved + wrong.counted - wrong.kept
  FROM wrong WHERE wo.id = wrong.id AND wrong.kept <> wrong.counted
RETURNING wo.number, wrong.kept, wrong.counted`,
);

/** Counts the jobs and the grants of open orders and puts right what was kept; returns what was wrong. */
export const repairUsed = async (sql: Sql): Promise<readonly WrongCount[]> => [
  ...(await sql.rows(REPAIR, {})),
  ...(await sql.rows(REPAIR_RESERVED, {})),
];
