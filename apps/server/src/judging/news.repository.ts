import { z } from "zod";
import { NOT_PREPARED } from "../db/prepared.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** What a result is to the verdict, as the database has it. */
const VisitRow = z.object({
  population: z.string(),
  stratum: z.string(),
  line: z.string(),
  pc: z.string(),
  host: z.string(),
  model: z.string(),
  hub: z.string().nullable(),
  port: z.string(),
  unit: z.string(),
  incident: z.boolean(),
  /** The hub's port showed that the unit was taken out. */
  takenOut: z.boolean(),
  receivedAt: z.coerce.date(),
  /** An earlier result of the unit in the same stratum was counted. */
  again: z.boolean(),
});
export type VisitRow = z.output<typeof VisitRow>;

/** Something that the verdict learns from, in the order in which it happened. */
export type News =
  | { readonly what: "visit"; readonly visit: VisitRow }
  | { readonly what: "repair"; readonly host: string; readonly at: Date };

/** Events of an attempt that a result came in. A result that contradicts its job tells nothing. */
const RESULT_KINDS = "('attempt.finished', 'result.late', 'result.contradicted')";
const isResultOf = (attempt: string, event: string): string =>
  `${event}.subject_kind = 'attempt' AND ${event}.subject_id = ${attempt}.id::text AND ${event}.kind IN ${RESULT_KINDS}`;
/** It came in before there was a ledger. */
const hasNoEvent = (attempt: string): string =>
  `NOT EXISTS (SELECT FROM ledger l WHERE ${isResultOf(attempt, "l")})
   AND NOT EXISTS (SELECT FROM ledger_open l WHERE ${isResultOf(attempt, "l")})`;
/** What an operator called off says nothing of the host. */
const isCounted = (attempt: string): string =>
  `${attempt}.outcome IS NOT NULL AND ${attempt}.code IS DISTINCT FROM 'attempt.cancelled' AND ${attempt}.contradictions = '{}'`;

/** Other attempts of the unit in the stratum of `a`, as `o`. */
const OTHERS = `FROM attempt o WHERE o.unit_id = a.unit_id AND o.id <> a.id AND o.release_id = a.release_id AND o.virtual = a.virtual
   AND (u.batch IS NOT NULL OR o.work_order_id = a.work_order_id) AND ${isCounted("o")}`;

/** Nothing of this changes once the result is in, so that a replay reads the same. */
const VISIT = `l.plant_id || CASE WHEN a.virtual THEN ' virtual' ELSE '' END AS population,
       concat_ws('/', a.release_id, coalesce('batch ' || u.batch, 'order ' || a.work_order_id)) AS stratum,
       l.id AS line, h.machine AS pc, h.id AS host, coalesce(nullif(h.controller, ''), h.driver) AS model,
       CASE WHEN jsonb_array_length(a.hubs) > 0 AND strpos(a.port_path, '.') > 0 THEN regexp_replace(a.port_path, '[.][^.]*$', '') END AS hub,
       coalesce(a.port_path, '') AS port, a.unit_id AS unit, a.link_incident AS incident,
       a.incidents @> '[{"code":"attempt.unplugged"}]' AS "takenOut", a.received_at AS "receivedAt"`;
const PLACES = `JOIN unit u ON u.id = a.unit_id JOIN host h ON h.id = a.host_id JOIN station s ON s.id = a.station_id
  JOIN station_line sl ON sl.station_id = s.id AND sl.since <= a.accepted_at AND a.accepted_at < sl.until JOIN line l ON l.id = sl.line_id`;

/** The attempt of a row `e` of the ledger. Only in a CASE: what other events are about need not be a UUID, and is cast for an index all the same. */
const ATTEMPT =
  "CASE WHEN e.kind IN ('attempt.finished', 'result.late') THEN e.subject_id::uuid END";

const NEWS = statement(
  ["after", "upTo", "historyUntil", "most"],
  z.object({
    subjectId: z.string(),
    at: z.date(),
    visit: VisitRow.nullable(),
  }),
  // Asked once a second. A plan that was made when there were few attempts reads all of them for each event.
  `${NOT_PREPARED}
SELECT e.subject_id AS "subjectId", e.at, to_jsonb(v) AS visit
  FROM (SELECT position, kind, subject_id, at FROM ledger
         WHERE position > :after::bigint AND position <= :upTo::bigint ORDER BY position LIMIT :most) e
  LEFT JOIN LATERAL (
    SELECT ${VISIT},
           EXISTS (SELECT ${OTHERS} AND (
             EXISTS (SELECT FROM ledger l WHERE ${isResultOf("o", "l")} AND l.position < e.position)
             OR o.received_at < :historyUntil::timestamptz AND ${hasNoEvent("o")})) AS again
      FROM attempt a ${PLACES}
     WHERE a.id = ${ATTEMPT} AND ${isCounted("a")}) v ON true
 WHERE v.host IS NOT NULL OR e.kind = 'host.repaired'
 ORDER BY e.position`,
);

const HISTORY = statement(
  ["afterAt", "afterId", "until", "most"],
  VisitRow.extend({ id: z.string() }),
  `
SELECT a.id, ${VISIT}, EXISTS (SELECT ${OTHERS} AND (o.received_at, o.id) < (a.received_at, a.id)) AS again
  FROM attempt a ${PLACES}
 WHERE (a.received_at, a.id) > (coalesce(:afterAt::timestamptz, '-infinity'), coalesce(:afterId::uuid, '00000000-0000-0000-0000-000000000000'))
   AND a.received_at < :until::timestamptz AND ${isCounted("a")} AND ${hasNoEvent("a")}
 ORDER BY a.received_at, a.id LIMIT :most`,
);

/**
 * The first result that the ledger tells, and a day more for replicas of an older version that ran beside it: results from before are
 * looked for only there.
 */
const HISTORY_UNTIL = statement(
  [],
  z.object({ until: z.date(), head: z.coerce.number() }),
  `
SELECT coalesce((SELECT at FROM ledger WHERE kind IN ${RESULT_KINDS} ORDER BY position LIMIT 1),
                (SELECT min(at) FROM ledger_open WHERE kind IN ${RESULT_KINDS}), now()) + interval '1 day' AS until,
       coalesce((SELECT max(position) FROM ledger), 0) AS head`,
);

const HEAD = statement(
  [],
  z.object({ head: z.coerce.number() }),
  "SELECT coalesce(max(position), 0) AS head FROM ledger",
);

/** The results from before the ledger that come next, and the last of them. */
export interface HistoryPage {
  readonly news: readonly News[];
  readonly last: { readonly at: Date; readonly id: string } | null;
}

/** When results that the ledger does not tell end, and where the ledger ends now. */
export const historyEnd = async (sql: Sql) =>
  (await sql.row(HISTORY_UNTIL, {})) ?? { until: new Date(), head: 0 };

export const ledgerHead = async (sql: Sql): Promise<number> => (await sql.row(HEAD, {}))?.head ?? 0;

/** What happened after a position and up to another one, `most` positions at most, in order. */
export async function newsBetween(
  sql: Sql,
  after: number,
  upTo: number,
  historyUntil: Date,
): Promise<readonly News[]> {
  const rows = await sql.rows(NEWS, { after, upTo, historyUntil, most: upTo - after });
  return rows.map(
    ({ subjectId, at, visit }): News =>
      visit === null ? { what: "repair", host: subjectId, at } : { what: "visit", visit },
  );
}

/** Results from before there was a ledger, in the order in which they were received. */
export async function historyAfter(
  sql: Sql,
  after: { readonly at: Date; readonly id: string } | null,
  until: Date,
  most: number,
): Promise<HistoryPage> {
  const rows = await sql.rows(HISTORY, {
    afterAt: after?.at ?? null,
    afterId: after?.id ?? null,
    until,
    most,
  });
  const last = rows.at(-1);
  return {
    news: rows.map(({ id: _, ...visit }) => ({ what: "visit", visit })),
    last: last === undefined ? null : { at: last.receivedAt, id: last.id },
  };
}
