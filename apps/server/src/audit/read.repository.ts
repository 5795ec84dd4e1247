import type { LedgerEvent, SubjectKind, WhoKind } from "@flashline/contract";
import { z } from "zod";
import { NOT_PREPARED } from "../db/prepared.ts";
import type { Sql } from "../db/sql.ts";
import { documentOf, EVENT_COLUMNS, FIRST_PREVIOUS, NAMES_SQL } from "./chain.ts";
import { SealedRow } from "./verify.repository.ts";

export interface AuditFilter {
  readonly limit: number;
  readonly kind?: string | undefined;
  readonly whoKind?: WhoKind | undefined;
  readonly who?: string | undefined;
  readonly subjectKind?: SubjectKind | undefined;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly after?: number | undefined;
}

const ReadRow = SealedRow.extend({
  server: z.string(),
  previous: z.instanceof(Buffer).nullable(),
  whoReal: z.string().nullable(),
  subjectReal: z.string().nullable(),
});

const SELECT = `
SELECT (SELECT id FROM server_identity) AS server, e.position, e.hash, e.sealed_at AS "sealedAt", before_it.hash AS previous, wn.name AS "whoReal", sn.name AS "subjectReal",
       ${EVENT_COLUMNS}
  FROM ledger e LEFT JOIN ledger before_it ON before_it.position = e.position - 1 ${NAMES_SQL}`;

/** An event as it is shown: what is hashed of it, its hash, and the names of people that stand beside the chain. */
function viewOf(row: z.output<typeof ReadRow>): LedgerEvent {
  const { server, position, sealedAt } = row;
  const previous = row.previous ?? FIRST_PREVIOUS;
  const document = documentOf(row, { position, previous, sealedAt });
  const { who, subject } = document;
  return {
    server,
    ...document,
    hash: row.hash.toString("hex"),
    who: { ...who, name: who.name ?? row.whoReal },
    subject: { ...subject, name: subject.name ?? row.subjectReal },
  } as LedgerEvent;
}

/** The largest pages. With a number in its text PostgreSQL plans a page to be read from an index, not to be sorted. */
const MOST_AUDIT = 200;
const MOST_FEED = 1_000;
/** Events of a stretch of the ledger that are read at once. */
export const MOST_BETWEEN = 100;

/** Longer than any transaction of the server takes: so long after it was written an event has its place. */
const SLACK = "interval '2 minutes'";
/** No event has this position. */
const BEYOND = "9223372036854775807";

/**
 * One text for each set of filters, so that PostgreSQL plans each with its own index. A time is looked up first and becomes a
 * position, because the list is in the order of positions. Times are nearly in that order: what was written longer than SLACK before the first
 * event that is asked for stands before all of them, and what was written so long after the last one behind them.
 */
function auditSql(filter: AuditFilter): { readonly text: string; readonly values: unknown[] } {
  const values: unknown[] = [filter.limit];
  const take = (value: unknown) => `$${values.push(value)}`;
  const all: string[] = [];
  if (filter.kind !== undefined) {
    // As a range, and in the order of the index for kinds: where events of the kind are rare, the key would be walked for all others.
    const kind = take(filter.kind);
    all.push(`e.kind >= ${kind}::text AND e.kind <= ${kind}::text`);
  }
  if (filter.whoKind !== undefined) all.push(`e.who_kind = ${take(filter.whoKind)}`);
  if (filter.who !== undefined) {
    const who = `${take(filter.who)}::text`;
    const name =
      filter.whoKind === "person" ? `(SELECT id::text FROM ledger_name WHERE name = ${who})` : who;
    all.push(`coalesce(e.who_name, e.who_id::text) = ${name}`);
  }
  const kind = filter.subjectKind === undefined ? null : take(filter.subjectKind);
  if (kind !== null) all.push(`e.subject_kind = ${kind}`);
  if (filter.subject !== undefined) {
    const subject = `${take(filter.subject)}::text`;
    if (kind === null) all.push(`e.subject_name = ${subject}`);
    else if (filter.subjectKind === "person") {
      all.push(`e.subject_id = (SELECT id::text FROM ledger_name WHERE name = ${subject})`);
    } else {
      // Of nothing in the row outside: it would be looked up anew for each event of the kind.
      all.push(`e.position IN (
        SELECT position FROM ledger WHERE subject_kind = ${kind} AND subject_id = ${subject}
        UNION ALL SELECT position FROM ledger WHERE subject_kind = ${kind} AND subject_name = ${subject})`);
    }
  }
  if (filter.from !== undefined) {
    const from = `${take(filter.from)}::timestamptz`;
    all.push(`e.at >= ${from}`);
    all.push(
      `e.position > coalesce((SELECT position FROM ledger WHERE at < ${from} - ${SLACK} ORDER BY at DESC LIMIT 1), 0)`,
    );
  }
  if (filter.to !== undefined) {
    const to = `${take(filter.to)}::timestamptz`;
    all.push(`e.at < ${to}`);
    all.push(
      `e.position < coalesce((SELECT position FROM ledger WHERE at >= ${to} + ${SLACK} ORDER BY at LIMIT 1), ${BEYOND})`,
    );
  }
  if (filter.after !== undefined) all.push(`e.position < ${take(filter.after)}::bigint`);
  const where = all.length === 0 ? "" : `WHERE ${all.join(" AND ")}`;
  const order = filter.kind === undefined ? "e.position DESC" : "e.kind DESC, e.position DESC";
  const page = `${SELECT} ${where} ORDER BY ${order} LIMIT ${MOST_AUDIT}`;
  // Some kinds of subjects and of doers are in nearly all events, and others in hardly any: one plan cannot be right for both.
  const planned = filter.subjectKind ?? filter.whoKind;
  const text = `SELECT * FROM (${page}) p ORDER BY p.position DESC LIMIT $1`;
  return { text: planned === undefined ? text : `${NOT_PREPARED}${text}`, values };
}

export const readRepository = (sql: Sql) => ({
  /** The latest first. */
  async audit(filter: AuditFilter): Promise<LedgerEvent[]> {
    const { text, values } = auditSql(filter);
    const rows = await sql.query(text, values);
    return rows.map((row) => viewOf(ReadRow.parse(row)));
  },
  /** Those after a position, in order. */
  async feed(after: number, limit: number): Promise<LedgerEvent[]> {
    const page = `${SELECT} WHERE e.position > $1::bigint ORDER BY e.position LIMIT ${MOST_FEED}`;
    const text = `SELECT * FROM (${page}) p ORDER BY p.position LIMIT $2`;
    const rows = await sql.query(text, [after, limit]);
    return rows.map((row) => viewOf(ReadRow.parse(row)));
  },
  /** The first {@link MOST_BETWEEN} after a position and up to another one, in order; of these kinds, where any are named. */
  async between(
    after: number,
    upTo: number,
    kinds: readonly string[] | null,
  ): Promise<LedgerEvent[]> {
    const ofKinds = kinds === null ? "" : "AND e.kind = ANY($3::text[])";
    const text = `${SELECT} WHERE e.position > $1::bigint AND e.position <= $2::bigint ${ofKinds} ORDER BY e.position LIMIT ${MOST_BETWEEN}`;
    const values = [after, upTo, ...(kinds === null ? [] : [kinds])];
    return (await sql.query(text, values)).map((row) => viewOf(ReadRow.parse(row)));
  },
  /** The last position; 0 before the first. */
  async head(): Promise<number> {
    const [row] = await sql.query<{ position: string }>(
      "SELECT position FROM ledger ORDER BY position DESC LIMIT 1",
    );
    return Number(row?.position ?? 0);
  },
  /** Whether any event is of this kind. */
  async hasKind(kind: string): Promise<boolean> {
    return (await sql.query("SELECT FROM ledger WHERE kind = $1 LIMIT 1", [kind])).length > 0;
  },
  async unsealed(): Promise<number> {
    const [row] = await sql.query<{ n: number }>("SELECT count(*)::int AS n FROM ledger_open");
    return row?.n ?? 0;
  },
});
export type ReadRepository = ReturnType<typeof readRepository>;
