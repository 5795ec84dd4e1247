import type { Readable } from "node:stream";
import { CONTAINMENT_COLUMNS, type ContainmentView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { heldSql } from "../db/held.ts";
import { statements } from "../db/statement.ts";
import { HOST_NAME } from "../insight/host-names.ts";
import { type FoundSelection, SELECTED, touchedSql } from "./selection.ts";

/** SQL: the latest attempt that touched, or may have touched, unit `u`, as `now`. */
const NOW = `
CROSS JOIN LATERAL (
  SELECT b.id, b.outcome, b.contradictions, b.accepted_at, b.release_id FROM attempt b
   WHERE b.unit_id = u.id AND b.touched IS DISTINCT FROM false
   ORDER BY b.accepted_at DESC, b.id DESC LIMIT 1) now`;
const REFLASHED = `(now.accepted_at > t.last_at AND now.outcome IS NOT DISTINCT FROM 'PASS' AND now.contradictions = '{}')`;
const HELD = `EXISTS (SELECT ${heldSql(["u.id", "u.product_id"], "u.batch")})`;

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
WITH touched AS (${touchedSql(isGiven)}),
     seen AS (SELECT t.*, s.state, ${REFLASHED} AS reflashed, ${HELD} AS held
                FROM touched t JOIN unit u ON u.id = t.unit_id JOIN unit_state s ON s.unit_id = u.id ${NOW})
SELECT now() AS "asOf", min(first_at) AS first, max(last_at) AS last, coalesce(sum(attempts), 0)::int AS attempts,
       coalesce(sum(unreported), 0)::int AS unreported, count(*)::int AS units,
       (SELECT coalesce(json_object_agg(g.state, g.n), '{}') FROM (SELECT state, count(*) AS n FROM seen GROUP BY 1) g) AS states,
       (count(*) FILTER (WHERE reflashed))::int AS reflashed, (count(*) FILTER (WHERE held))::int AS held
  FROM seen`;
});

const time = (column: string) =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const VALUES: Readonly<Record<(typeof CONTAINMENT_COLUMNS)[number], string>> = {
  product: "p.name",
  serial: "u.serial",
  board_revision: "u.board_revision",
  batch: "u.batch",
  attempts: "t.attempts",
  first_at: time("t.first_at"),
  last_at: time("t.last_at"),
  outcome: "a.outcome",
  code: "a.code",
  release: "r.version",
  order: "wo.number",
  station: "st.name",
  nest: "n.name",
  host: "hn.name",
  exception: "a.exception_id",
  state: "s.state",
  reflashed: REFLASHED,
  now_release: "nr.version",
  now_outcome: "now.outcome",
  now_at: time("now.accepted_at"),
  held: HELD,
  unit_id: "u.id",
};
const LIST = statements(SELECTED, z.unknown(), (isGiven) => {
  const columns = CONTAINMENT_COLUMNS.map((name) => `${VALUES[name]} AS "${name}"`).join(", ");
  return `
WITH touched AS MATERIALIZED (${touchedSql(isGiven)}),
     hosts AS MATERIALIZED (SELECT h.id, hn.name FROM host h ${HOST_NAME})
SELECT ${columns}
  FROM touched t JOIN attempt a ON a.id = t.last_id JOIN unit u ON u.id = t.unit_id JOIN product p ON p.id = u.product_id
  JOIN unit_state s ON s.unit_id = u.id JOIN release r ON r.id = a.release_id JOIN work_order wo ON wo.id = a.work_order_id
  JOIN station st ON st.id = a.station_id JOIN nest n ON n.id = a.nest_id JOIN hosts hn ON hn.id = a.host_id
  ${NOW} JOIN release nr ON nr.id = now.release_id
 ORDER BY p.name, u.serial, u.id`;
});

export interface ContainmentRepository {
  count(selection: FoundSelection): Promise<ContainmentView>;
  /** One row a unit, until `gone` is aborted; see {@link CONTAINMENT_COLUMNS}. */
  list(selection: FoundSelection, gone: AbortSignal): Promise<Readable>;
}

export function containmentRepository(db: Database): ContainmentRepository {
  return {
    async count(selection) {
      const row = await db.sql.row(COUNTED(selection), selection);
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
