import type { Readable } from "node:stream";
import { CONTAINMENT_COLUMNS, type ContainmentView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { HOST_NAME } from "../db/host-names.ts";
import { statements, timeSql, whereSql } from "../db/statement.ts";
import {
  type FoundSelection,
  SELECTED,
  type Selected,
  selectedSql,
} from "../selection/conditions.ts";

/**
 * SQL: of each unit that attempts of the selection touched, or may have touched: how many there were, when, and the last one. An attempt
 * that was not reported may have touched its unit.
 */
const touchedSql = (isGiven: (name: Selected) => boolean): string => `
SELECT a.unit_id, count(*)::int AS attempts, (count(*) FILTER (WHERE a.received_at IS NULL))::int AS unreported,
       min(a.accepted_at) AS first_at, max(a.accepted_at) AS last_at,
       (array_agg(a.id ORDER BY a.accepted_at DESC, a.id DESC))[1] AS last_id
  FROM attempt a ${whereSql(["a.touched IS DISTINCT FROM false", ...selectedSql(isGiven)])} GROUP BY a.unit_id`;

/**
 * SQL: of each unit of `touched` the latest attempt of all that touched, or may have touched, it later. Worked out for all of them
 * together: one look-up a unit took ten seconds for a million of them.
 */
const LATER = `
SELECT DISTINCT ON (b.unit_id) b.unit_id, b.outcome, b.contradictions, b.accepted_at, b.release_id
  FROM touched t JOIN attempt b ON b.unit_id = t.unit_id AND b.accepted_at > t.last_at
 WHERE b.touched IS DISTINCT FROM false ORDER BY b.unit_id, b.accepted_at DESC, b.id DESC`;
const REFLASHED = `(later.outcome IS NOT DISTINCT FROM 'PASS' AND later.contradictions = '{}')`;
const HELD = `(u.id IN (SELECT target_id FROM hold WHERE lifted_at IS NULL AND batch = '')
  OR coalesce((u.product_id, u.batch) IN (SELECT target_id, batch FROM hold WHERE lifted_at IS NULL AND batch <> ''), false))`;

const Counted = z.object({
  asOf: z.date(),
  first: z.date().nullable(),
  last: z.date().nullable(),
  attempts: z.number(),
  unreported: z.number(),
  units: z.number(),
  states: z.record(z.string(), z.number()),
  reflashed: z.number(),
  held: z.number(),
});
const COUNTED = statements(SELECTED, Counted, (isGiven) => {
  return `
WITH touched AS (${touchedSql(isGiven)}), later AS (${LATER}),
     seen AS (SELECT s.state, count(*) AS n, min(t.first_at) AS first_at, max(t.last_at) AS last_at, sum(t.attempts) AS attempts,
                     sum(t.unreported) AS unreported, count(*) FILTER (WHERE ${REFLASHED}) AS reflashed, count(*) FILTER (WHERE ${HELD}) AS held
                FROM touched t JOIN unit u ON u.id = t.unit_id JOIN unit_state s ON s.unit_id = u.id
                LEFT JOIN later ON later.unit_id = t.unit_id GROUP BY 1)
SELECT now() AS "asOf", min(first_at) AS first, max(last_at) AS last, coalesce(sum(attempts), 0)::int AS attempts,
       coalesce(sum(unreported), 0)::int AS unreported, coalesce(sum(n), 0)::int AS units, coalesce(json_object_agg(state, n), '{}') AS states,
       coalesce(sum(reflashed), 0)::int AS reflashed, coalesce(sum(held), 0)::int AS held
  FROM seen`;
});

const VALUES: Readonly<Record<(typeof CONTAINMENT_COLUMNS)[number], string>> = {
  product: "p.name",
  serial: "u.serial",
  board_revision: "u.board_revision",
  batch: "u.batch",
  attempts: "t.attempts",
  first_at: timeSql("t.first_at"),
  last_at: timeSql("t.last_at"),
  outcome: "a.outcome",
  code: "a.code",
  release: "r.version",
  order: "wo.number",
  station: "st.name",
  nest: "n.name",
  host: "hn.name",
  exception: "a.exception_id",
  operator:
    "coalesce((SELECT op.name FROM person op WHERE op.id = a.operator_id), a.operator_id::text)",
  state: "s.state",
  reflashed: REFLASHED,
  now_release: "coalesce(nr.version, r.version)",
  now_outcome: "CASE WHEN later.unit_id IS NULL THEN a.outcome ELSE later.outcome END",
  now_at: timeSql("coalesce(later.accepted_at, a.accepted_at)"),
  held: HELD,
  unit_id: "u.id",
};
const LIST = statements(SELECTED, z.unknown(), (isGiven) => {
  const columns = CONTAINMENT_COLUMNS.map((name) => `${VALUES[name]} AS "${name}"`).join(", ");
  return `
WITH touched AS MATERIALIZED (${touchedSql(isGiven)}), later AS (${LATER}),
     hosts AS MATERIALIZED (SELECT h.id, hn.name FROM host h ${HOST_NAME})
SELECT ${columns}
  FROM touched t JOIN attempt a ON a.id = t.last_id JOIN unit u ON u.id = t.unit_id JOIN product p ON p.id = u.product_id
  JOIN unit_state s ON s.unit_id = u.id JOIN release r ON r.id = a.release_id JOIN work_order wo ON wo.id = a.work_order_id
  JOIN station st ON st.id = a.station_id JOIN nest n ON n.id = a.nest_id JOIN hosts hn ON hn.id = a.host_id
  LEFT JOIN later ON later.unit_id = t.unit_id LEFT JOIN release nr ON nr.id = later.release_id
 ORDER BY p.name, u.serial, u.id`;
});

export interface ContainmentRepository {
  /** Until `gone` is aborted. */
  count(selection: FoundSelection, gone: AbortSignal): Promise<ContainmentView>;
  /** One row a unit, until `gone` is aborted; see {@link CONTAINMENT_COLUMNS}. */
  list(selection: FoundSelection, gone: AbortSignal): Promise<Readable>;
}

export function containmentRepository(db: Database): ContainmentRepository {
  return {
    async count(selection, gone) {
      const row = await db.rowApart(COUNTED(selection), selection, gone);
      const { asOf, first, last, ...counts } = Counted.parse(row);
      return {
        ...counts,
        asOf: asOf.toISOString(),
        first: first?.toISOString() ?? null,
        last: last?.toISOString() ?? null,
      };
    },
    list: (selection, gone) => db.csv(LIST(selection), selection, gone),
  };
}
