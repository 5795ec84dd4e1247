import { called, FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const PLANT = statement(
  ["name"],
  z.object({ id: z.string() }),
  "SELECT id FROM plant WHERE name = :name",
);

/** The id of the plant with this name, retired or not. Rejects with `request.not_found`: a list of a plant that nobody has would tell that it is well. */
export async function plantNamed(sql: Sql, name: string): Promise<string> {
  const found = await sql.row(PLANT, { name });
  if (found !== undefined) return found.id;
  const what = called("plant", name);
  throw new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });
}
