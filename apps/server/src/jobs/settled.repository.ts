import type { Sql } from "../db/sql.ts";
import { COUNTED_SQL } from "./moves.ts";

const SETTLED = `
SELECT u.serial FROM unit u
 WHERE u.id = ANY($1) AND EXISTS (SELECT 1 FROM job j
   WHERE j.unit_id = u.id AND j.state IN (${COUNTED_SQL}) AND j.state <> 'UNKNOWN')
 ORDER BY u.serial LIMIT 1`;

/** Serial of the first of these units that is in work or has passed; undefined when there is no such unit. */
export async function settledUnit(
  sql: Sql,
  unitIds: readonly string[],
): Promise<string | undefined> {
  const [row] = await sql.query<{ serial: string }>(SETTLED, [unitIds]);
  return row?.serial;
}
