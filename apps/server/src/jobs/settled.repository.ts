import { z } from "zod";
import { serviceSql } from "../db/exception.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { COUNTED_SQL } from "./moves.ts";

const SETTLED = statement(
  ["unitIds"],
  z.object({ serial: z.string() }),
  `
SELECT u.serial FROM unit u
 WHERE u.id = ANY(:unitIds::uuid[]) AND EXISTS (SELECT 1 FROM job j
   WHERE j.unit_id = u.id AND j.state IN (${COUNTED_SQL}) AND j.state <> 'UNKNOWN' AND NOT (j.state = 'PASSED' AND ${serviceSql("j")}))
 ORDER BY u.serial LIMIT 1`,
);

/** Serial of the first of these units that is in work or has passed; undefined when there is no such unit. */
export async function settledUnit(
  sql: Sql,
  unitIds: readonly string[],
): Promise<string | undefined> {
  return (await sql.row(SETTLED, { unitIds }))?.serial;
}
