import type { ServerOptions } from "./api.ts";
import type { Console } from "./console.ts";
import { table } from "./terminal/units.ts";

/** The heads of a table's columns with what each says of a thing. */
export type Columns<T> = readonly (readonly [head: string, cell: (thing: T) => string])[];

/** Things of the server as a table for a person, or as one JSON line each, whose `event` is what one of them is called. */
export function showList<T extends object>(
  console: Console,
  options: ServerOptions,
  event: string,
  things: readonly T[],
  columns: Columns<T>,
): void {
  if (options.json) {
    for (const thing of things) showJson(console, event, thing);
    return;
  }
  const rows = things.map((thing) => columns.map(([, cell]) => cell(thing)));
  const text = table([columns.map(([head]) => head), ...rows]);
  console.terminal.write(rows.length === 0 ? "None.\n" : text);
}

export function showJson(console: Console, event: string, thing: object): void {
  console.terminal.write(`${JSON.stringify({ event, ...thing })}\n`);
}
