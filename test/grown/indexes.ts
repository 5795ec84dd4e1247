import type { withClient } from "@flashline/server/testing";

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

/** What only finds rows: keys and constraints stay. */
const FINDS_ONLY = `
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
  FROM pg_index i
 WHERE i.indrelid = ANY ($1::regclass[]) AND NOT i.indisprimary
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`;

/** Writes to tables that have no indexes meanwhile: to build one over all rows costs a part of what it costs to take in each row by itself. */
export async function withoutIndexes(
  client: Client,
  tables: readonly string[],
  write: () => Promise<void>,
): Promise<void> {
  const { rows } = await client.query<{ name: string; made: string }>(FINDS_ONLY, [tables]);
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  await write();
  await client.query("SET maintenance_work_mem = '1GB'");
  for (const { made } of rows) await client.query(made);
}
