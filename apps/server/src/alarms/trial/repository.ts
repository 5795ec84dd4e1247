import { z } from "zod";
import type { Sql } from "../../db/sql.ts";
import { statement } from "../../db/statement.ts";
import { selectedSql } from "../../selection/conditions.ts";
import { HEADS } from "../../yield/figures-sql.ts";
import type { PastResult } from "./replay.ts";

/** Rows that are asked for at once: each page is a small piece of work for the server. */
const PAGE_ROWS = 5_000;
/** A trial reads no more results than these, the latest. */
const MOST_RESULTS = 100_000;

const Row = z.object({
  id: z.string(),
  at: z.date(),
  outcome: z.enum(["PASS", "FAIL"]),
  first: z.boolean(),
  virtual: z.boolean(),
  contradicted: z.boolean(),
  cancelled: z.boolean(),
  skewMs: z.number().nullable(),
  unitId: z.string(),
  serial: z.string(),
  product: z.string(),
  nestId: z.string(),
  nest: z.string(),
  hostId: z.string(),
  host: z.string(),
  stationId: z.string(),
  station: z.string(),
});

/** The page's rows first and all joins after them, so that PostgreSQL reads it from the index. */
const PAGE = statement(
  ["plant", "from", "before", "beforeId"],
  Row,
  `
SELECT a.id, a.received_at AS at, a.outcome, a.first AND a.step_id IN (${HEADS}) AS first, a.virtual, a.contradictions <> '{}' AS contradicted,
       a.code IS NOT DISTINCT FROM 'attempt.cancelled' AS cancelled, a.skew_ms AS "skewMs", a.unit_id AS "unitId", u.serial, p.name AS product,
       a.nest_id AS "nestId", s.name || '/' || n.name AS nest, a.host_id AS "hostId", s.name || ' ' || h.pci_address AS host,
       a.station_id AS "stationId", s.name AS station
  FROM (
    SELECT * FROM attempt
     WHERE received_at > :from::timestamptz AND (received_at, id) < (:before::timestamptz, :beforeId::uuid) AND outcome IS NOT NULL
       AND ${selectedSql((name) => name === "plant", "attempt").join(" AND ")}
     ORDER BY received_at DESC, id DESC LIMIT ${PAGE_ROWS}) a
  JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
  JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id JOIN host h ON h.id = a.host_id
 ORDER BY a.received_at DESC, a.id DESC`,
);

const RAISED = statement(
  ["rule", "scope", "from"],
  z.object({ raised: z.number() }),
  `SELECT count(*)::int AS raised FROM alarm WHERE rule = :rule AND scope = :scope::uuid AND raised_at > :from::timestamptz`,
);

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export interface Past {
  /** In the order in which they came. */
  readonly results: readonly PastResult[];
  /** Of more results than are read the latest were read. */
  readonly isCut: boolean;
}

/** Results of a plant since a time: also of stations that stand elsewhere now. */
export async function pastResults(
  sql: Sql,
  plantId: string,
  from: Date,
  now: Date,
  most = MOST_RESULTS,
): Promise<Past> {
  const all: PastResult[] = [];
  let before = now;
  let beforeId = LAST_ID;
  for (;;) {
    const rows = await sql.rows(PAGE, { plant: plantId, from, before, beforeId });
    for (const { id: _, at, ...row } of rows) all.push({ ...row, at: at.getTime() });
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) {
      return { results: all.reverse(), isCut: false };
    }
    if (all.length >= most) return { results: all.reverse(), isCut: true };
    before = last.at;
    beforeId = last.id;
  }
}

/** Alarms of a rule that there were. */
export async function raisedSince(
  sql: Sql,
  rule: string,
  scope: string,
  from: Date,
): Promise<number> {
  return (await sql.row(RAISED, { rule, scope, from }))?.raised ?? 0;
}
