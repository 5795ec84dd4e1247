import type { Database } from "./database.ts";
import type { Sql } from "./sql.ts";

/**
 * Runs statements that PostgreSQL plans for their own values each time. A prepared statement gets one plan for all values after five runs, made for
 * a stretch of time of unknown length: it takes that for short, and compares a long one's attempts each with each.
 */
export const plannedAnew = <T>(
  { transaction }: Pick<Database, "transaction">,
  work: (sql: Sql) => Promise<T>,
): Promise<T> =>
  transaction(async (sql) => {
    await sql.execute("SET LOCAL plan_cache_mode = force_custom_plan");
    return await work(sql);
  });

/** The same for several statements that see one state of the database. */
export const plannedInOneState = <T>(
  { transaction }: Pick<Database, "transaction">,
  work: (sql: Sql) => Promise<T>,
): Promise<T> =>
  transaction(async (sql) => {
    await sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    await sql.execute("SET LOCAL plan_cache_mode = force_custom_plan");
    return await work(sql);
  });
