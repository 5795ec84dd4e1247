import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { lockAdmins } from "../people/admins.ts";
import { endSessionsOf } from "../people/sessions.ts";
import { endTokensOf } from "../tokens/end.ts";

/** Text columns that say by whom a row was made, whichever tables there are; a machine is no person. */
const BY_COLUMNS = `
SELECT quote_ident(table_name) AS table, quote_ident(column_name) AS column FROM information_schema.columns
 WHERE table_schema = current_schema() AND data_type = 'text' AND column_name LIKE '%\\_by' AND column_name <> 'used_by'`;

/** Takes one name out of the ledger and out of every "made by". False where the ledger does not know it. */
async function eraseOneName(sql: Sql, name: string, by: Origin): Promise<boolean> {
  const [known] = await sql.query<{ id: string }>(
    "SELECT id FROM ledger_name WHERE name = $1 FOR UPDATE",
    [name],
  );
  if (known === undefined) return false;
  // Before the name goes: the event has the person's id.
  await recordEvent(sql, { kind: "person.erased", by, subject: { name }, data: {} });
  await sql.execute(
    "UPDATE ledger_name SET name = NULL, salt = NULL, erased_at = now() WHERE name = $1",
    [name],
  );
  const instead = `erased ${known.id}`;
  for (const { table, column } of await sql.query<{ table: string; column: string }>(BY_COLUMNS)) {
    await sql.execute(`UPDATE ${table} SET ${column} = $2 WHERE ${column} = $1`, [name, instead]);
  }
  return true;
}

async function eraseOn(sql: Sql, name: string, by: Origin): Promise<boolean> {
  const admins = await lockAdmins(sql);
  const [person] = await sql.query<{ id: string; name: string }>(
    "SELECT id, name FROM person WHERE name = $1 FOR UPDATE",
    [name],
  );
  if (person === undefined) {
    await sql.execute("DELETE FROM former_name WHERE name = $1", [name]);
    return await eraseOneName(sql, name, by);
  }
  admins.mustDoWithout(person);
  const former = await sql.query<{ name: string }>(
    "SELECT name FROM former_name WHERE person_id = $1",
    [person.id],
  );
  await endSessionsOf(sql, person.id);
  await endTokensOf(sql, person.id, undefined, by);
  // Their badges and former names go with them.
  await sql.execute("DELETE FROM person WHERE id = $1", [person.id]);
  // A person who was never told of has no name in the ledger yet: the event of the erasure is the first one.
  await sql.query("SELECT ledger_name_of($1)", [name]);
  for (const one of [person, ...former]) await eraseOneName(sql, one.name, by);
  return true;
}

/**
 * Takes a person's name, and those that they had before, out of the ledger, of who may log in, and of every "made by". What they did
 * stays, under an id. False when nobody has the name. Rejects with `people.last_admin`.
 */
export const eraseName = (db: Database, name: string, by: Origin): Promise<boolean> =>
  db.transaction((sql) => eraseOn(sql, name, by));
