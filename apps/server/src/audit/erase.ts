import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

/** Text columns that say by whom a row was made, whichever tables there are; a machine is no person. */
const BY_COLUMNS = `
SELECT quote_ident(table_name) AS table, quote_ident(column_name) AS column FROM information_schema.columns
 WHERE table_schema = current_schema() AND data_type = 'text' AND column_name LIKE '%\\_by' AND column_name <> 'used_by'`;

async function eraseOn(sql: Sql, name: string, by: Origin): Promise<boolean> {
  const [known] = await sql.query<{ id: string }>(
    "SELECT id FROM ledger_name WHERE name = $1 FOR UPDATE",
    [name],
  );
  const [person] = await sql.query<{ id: string }>(
    "SELECT id FROM person WHERE name = $1 FOR UPDATE",
    [name],
  );
  if (known === undefined && person === undefined) return false;
  // Before the name goes: the event has the person's id.
  await recordEvent(sql, { kind: "person.erased", by, subject: { name }, data: {} });
  const [erased] = await sql.query<{ id: string }>(
    `UPDATE ledger_name SET name = NULL, salt = NULL, erased_at = now() WHERE name = $1 RETURNING id`,
    [name],
  );
  const instead = `erased ${erased?.id ?? ""}`;
  if (person !== undefined) {
    await sql.execute("DELETE FROM session WHERE person_id = $1", [person.id]);
    await sql.execute("DELETE FROM person WHERE id = $1", [person.id]);
  }
  for (const { table, column } of await sql.query<{ table: string; column: string }>(BY_COLUMNS)) {
    await sql.execute(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [name, instead]);
  }
  return true;
}

/**
 * Takes a person's name out of the ledger, of who may log in, and of every "made by". What they did stays, under an id. False when
 * nobody has the name.
 */
export const eraseName = (db: Database, name: string, by: Origin): Promise<boolean> =>
  db.transaction((sql) => eraseOn(sql, name, by));
