import { BadRow } from "@flashline/contract";
import { z } from "zod";
import type { ServerOptions } from "./api.ts";
import type { Console } from "./console.ts";
import { showJson } from "./list.ts";
import { table } from "./terminal/units.ts";

const HEAD = ["LINE", "VALUE", "CODE", "WHY"];

/** The rows of a list that cannot be taken: for people beside the output, for programs in it. */
export function reportBadRows(console: Console, options: ServerOptions, details: unknown): void {
  const { data: bad = [] } = z.array(BadRow).safeParse(details);
  if (bad.length === 0) return;
  if (options.json) {
    for (const row of bad) showJson(console, "bad-row", row);
    return;
  }
  const rows = bad.map(({ line, value, code, message }) => [String(line), value, code, message]);
  console.terminal.writeError(table([HEAD, ...rows]));
}
