import { FlashlineError } from "@flashline/contract";
import type { z } from "zod";

/** SQL with named parameters, and what its rows are. Made once, when its module is loaded. */
export interface Statement<Row, Name extends string> {
  /** For PostgreSQL: parameters by number. */
  readonly text: string;
  /** Names by that number. */
  readonly names: readonly Name[];
  readonly row: z.ZodType<Row>;
}

/** The values of a statement's parameters. */
export type Values<Name extends string> = Readonly<Record<Name, unknown>>;

/** ":name", but neither a cast such as "::jsonb" nor a time such as '10:30'. */
const PARAMETER = /(?<![:\w]):([a-zA-Z]\w*)/g;

/**
 * A statement whose text says `:name` for each of `names`. Columns are named in the text as in `row`, in camel case
 * (`j.station_id AS "stationId"`), and each row is parsed by it. Throws `internal.bug` where text and names differ.
 */
export function statement<Row, const Name extends string>(
  names: readonly Name[],
  row: z.ZodType<Row>,
  text: string,
): Statement<Row, Name> {
  const used = new Set<string>();
  const numbered = text.replace(PARAMETER, (_all, name: string) => {
    used.add(name);
    const at = (names as readonly string[]).indexOf(name);
    if (at < 0) throw new FlashlineError("internal.bug", `No parameter is called ${name}: ${text}`);
    return `$${at + 1}`;
  });
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw new FlashlineError("internal.bug", `Nothing takes ${unused.join(", ")}: ${text}`);
  }
  return { text: numbered, names, row };
}
