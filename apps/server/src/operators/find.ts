import { Id } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const NAMED = statement(
  ["name"],
  z.object({ id: z.string() }),
  "SELECT id FROM person WHERE name = :name",
);

/** Who is meant by an id or a name. An id is taken as it is: attempts keep that of somebody who was erased. Null: nobody is called so. */
export async function operatorId(sql: Sql, idOrName: string): Promise<string | null> {
  const id = Id.safeParse(idOrName).data;
  return id ?? (await sql.row(NAMED, { name: idOrName }))?.id ?? null;
}
