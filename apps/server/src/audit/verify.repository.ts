import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { EVENT_COLUMNS, EventRow, NAMES_SQL } from "./chain.ts";

export const SealedRow = EventRow.extend({
  position: z.coerce.number(),
  hash: z.instanceof(Buffer),
  sealedAt: z.date(),
});
/** An event as it stands in the ledger. */
export type SealedRow = z.output<typeof SealedRow>;

/** Events of one page. In the text, so that PostgreSQL plans to read them from the index. */
export const PAGE_EVENTS = 2_000;
const PAGE = statement(
  ["after"],
  SealedRow,
  `SELECT e.position, e.hash, e.sealed_at AS "sealedAt", ${EVENT_COLUMNS} FROM ledger e ${NAMES_SQL}
    WHERE e.position > :after ORDER BY e.position LIMIT ${PAGE_EVENTS}`,
);
const TAIL = statement(
  [],
  z.object({ events: z.number(), oldest: z.date().nullable() }),
  "SELECT count(*)::int AS events, min(at) AS oldest FROM ledger_open",
);
const HEAD = statement(
  [],
  z.object({
    server: z.string(),
    position: z.coerce.number(),
    hash: z.instanceof(Buffer),
    sealedAt: z.date(),
  }),
  `SELECT (SELECT id FROM server_identity) AS server, position, hash, sealed_at AS "sealedAt" FROM ledger ORDER BY position DESC LIMIT 1`,
);
const AT = statement(
  ["position"],
  z.object({ hash: z.instanceof(Buffer) }),
  "SELECT hash FROM ledger WHERE position = :position",
);
/** Names that are not what their commitment says, and names that went without an event. */
const NAMES = statement(
  [],
  z.object({ id: z.string(), problem: z.string() }),
  `
SELECT id, CASE WHEN name IS NOT NULL THEN 'is not the one that was recorded' ELSE 'was removed without an event' END AS problem
  FROM ledger_name n
 WHERE name IS NOT NULL AND commitment IS DISTINCT FROM sha256(salt || convert_to(name, 'UTF8'))
    OR name IS NULL AND NOT EXISTS (SELECT FROM ledger e WHERE e.kind = 'person.erased' AND e.subject_kind = 'person' AND e.subject_id = n.id::text)
                    AND NOT EXISTS (SELECT FROM ledger_open e WHERE e.kind = 'person.erased' AND e.subject_id = n.id::text)
 ORDER BY id LIMIT 100`,
);
/** Guards of the migration that are missing or switched off. */
const GUARDS = statement(
  ["names"],
  z.object({ name: z.string() }),
  `
SELECT g.name FROM unnest(:names::text[]) AS g (name)
 WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
   WHERE t.tgname = g.name AND t.tgenabled IN ('O', 'A') AND c.relnamespace = to_regnamespace(current_schema()))`,
);
const GUARD_NAMES = [
  ...["ledger_append_only", "ledger_no_truncate"],
  ...["ledger_open_no_update", "ledger_open_no_truncate", "ledger_open_no_delete"],
  ...["ledger_name_only_erased", "ledger_name_kept", "ledger_name_no_truncate"],
];

export const verifyRepository = (sql: Sql) => ({
  /** The next {@link PAGE_EVENTS} events after a position, in order. */
  page: (after: number) => sql.rows(PAGE, { after }),
  async tail() {
    return (await sql.row(TAIL, {})) ?? { events: 0, oldest: null };
  },
  /** Undefined: nothing was sealed yet. */
  head: () => sql.row(HEAD, {}),
  async hashAt(position: number): Promise<Buffer | undefined> {
    return (await sql.row(AT, { position }))?.hash;
  },
  names: () => sql.rows(NAMES, {}),
  guards: () => sql.rows(GUARDS, { names: GUARD_NAMES }),
});
export type VerifyRepository = ReturnType<typeof verifyRepository>;
