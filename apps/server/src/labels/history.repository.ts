import { FlashlineError, type LabelEntry, LabelEntryView } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { operatorSql } from "../db/operator.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";

const Attempt = z.object({
  unitId: z.string(),
  serial: z.string(),
  product: z.string(),
  station: z.string(),
  nest: z.string(),
});
type Attempt = z.infer<typeof Attempt>;
/** One report at a time for an attempt: which entries are new is told under this lock. */
const ATTEMPT = statement(
  ["attemptId", "stationId"],
  Attempt,
  `
SELECT a.unit_id AS "unitId", u.serial, p.name AS product, s.name AS station, n.name AS nest
  FROM attempt a JOIN unit u ON u.id = a.unit_id JOIN product p ON p.id = u.product_id
  JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id
 WHERE a.id = :attemptId::uuid AND a.station_id = :stationId::uuid FOR NO KEY UPDATE OF a`,
);

/** Who was logged in, as the station says, where that is somebody who may work there. */
const ADD = statement(
  ["attemptId", "stationId", "unitId", "entries"],
  z.object({ n: z.number(), operatorId: z.string().nullable() }),
  `
INSERT INTO label_entry (attempt_id, n, unit_id, at, deed, reason, scanned, operator_id)
SELECT :attemptId::uuid, e.n, :unitId::uuid, e.at, e.deed, e.reason, e.scanned, ${operatorSql("e.operator", "s")}
  FROM jsonb_to_recordset(:entries::jsonb) AS e(n int, at timestamptz, deed text, reason text, scanned text, operator uuid)
  JOIN station s ON s.id = :stationId::uuid
ON CONFLICT (attempt_id, n) DO NOTHING
RETURNING n, operator_id AS "operatorId"`,
);

const KNOWN = statement(
  ["attemptId"],
  z.object({
    n: z.number(),
    deed: z.string(),
    reason: z.string().nullable(),
    scanned: z.string().nullable(),
  }),
  "SELECT n, deed, reason, scanned FROM label_entry WHERE attempt_id = :attemptId::uuid",
);

async function tell(
  sql: Sql,
  attemptId: string,
  { serial, product, station, nest }: Attempt,
  { n, at, deed, reason, scanned }: LabelEntry,
  operator: string | null,
  by: Origin,
): Promise<void> {
  const about = {
    by,
    subject: { id: attemptId, name: serial },
    ...(reason === null ? {} : { reason }),
  };
  const data = { product, station, nest, n, at, operator };
  if (deed === "mixed") {
    const mixed = { ...data, scanned: scanned ?? "" };
    await recordEvent(sql, { ...about, kind: "label.mixed", data: mixed });
  } else await recordEvent(sql, { ...about, kind: `label.${deed}`, data });
}

/** What stations tell of the labels that they print. */
export function historyRepository({ transaction }: Database) {
  return {
    /**
     * Keeps what is new of a label's history; the same again changes nothing. How many entries there are then. Rejects with
     * `result.attempt_unknown` where this station began no such attempt, `request.conflict` for another history than is kept.
     */
    add(
      attemptId: string,
      stationId: string,
      entries: readonly LabelEntry[],
      by: Origin,
    ): Promise<number> {
      if (entries.some(({ n }, at) => n !== at)) {
        throw new FlashlineError("request.invalid", "Entries are numbered from 0, without a gap.");
      }
      return transaction(async (sql) => {
        const attempt = await sql.row(ATTEMPT, { attemptId, stationId });
        if (attempt === undefined) throw new FlashlineError("result.attempt_unknown");
        const known = await sql.rows(KNOWN, { attemptId });
        const isOther = ({ n, deed, reason, scanned }: (typeof known)[number]): boolean => {
          const told = entries[n];
          if (told === undefined) return false;
          return told.deed !== deed || told.reason !== reason || told.scanned !== scanned;
        };
        if (known.some(isOther)) throw new FlashlineError("request.conflict");
        const { unitId } = attempt;
        const added = await sql.rows(ADD, {
          attemptId,
          stationId,
          unitId,
          entries: jsonText(entries),
        });
        const whose = new Map(added.map(({ n, operatorId }) => [n, operatorId]));
        for (const entry of entries) {
          const operator = whose.get(entry.n);
          if (operator !== undefined) await tell(sql, attemptId, attempt, entry, operator, by);
        }
        return known.length + added.length;
      });
    },
  };
}

const Entry = LabelEntryView.extend({ at: z.date() });
const OF_UNIT = statement(
  ["unitId"],
  Entry,
  `
SELECT l.attempt_id AS "attemptId", l.at, l.deed, l.reason, l.scanned, s.name AS station, n.name AS nest,
       (SELECT op.name FROM person op WHERE op.id = l.operator_id) AS operator
  FROM (SELECT * FROM label_entry WHERE unit_id = :unitId::uuid ORDER BY at DESC, n DESC LIMIT 100) l
  JOIN attempt a ON a.id = l.attempt_id JOIN station s ON s.id = a.station_id JOIN nest n ON n.id = a.nest_id
 ORDER BY l.at DESC, l.n DESC`,
);

/** What became of a unit's labels, the latest first; the latest hundred. */
export async function labelsOf(sql: Sql, unitId: string): Promise<readonly LabelEntryView[]> {
  const rows = await sql.rows(OF_UNIT, { unitId });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
