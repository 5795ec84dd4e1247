import { UnitView } from "@flashline/contract";
import { z } from "zod";

export const UnitRow = UnitView.omit({ cursor: true }).extend({
  createdAt: z.date(),
  /** When it was worked on, in ISO 8601; "-infinity" where nobody did. */
  worked: z.string(),
  lastAt: z.date().nullable(),
});
export type UnitRow = z.infer<typeof UnitRow>;

const COLUMNS = `
u.id, u.serial, p.name AS product, u.board_revision AS "boardRevision", u.batch,
u.created_at AS "createdAt", s.state,
CASE WHEN isfinite(s.worked_at)
     THEN to_char(s.worked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') ELSE '-infinity' END AS worked,
(SELECT count(*)::int FROM attempt a WHERE a.unit_id = u.id) AS attempts,
(SELECT max(coalesce(a.received_at, a.accepted_at)) FROM attempt a WHERE a.unit_id = u.id) AS "lastAt",
(SELECT json_build_object('attemptId', a.id, 'outcome', a.outcome, 'code', a.code, 'blame', a.blame)
   FROM attempt a WHERE a.unit_id = u.id AND a.outcome IS NOT NULL
  ORDER BY a.accepted_at DESC, a.id DESC LIMIT 1) AS last`;

/** Selects the units of `page`, a statement that gives their ids, as {@link UnitRow}; `more` is further columns. The unit is `s`. */
export const unitsSql = (page: string, more = ""): string => `
SELECT ${COLUMNS}${more}
  FROM (${page}) page JOIN unit_state s ON s.unit_id = page.id JOIN unit u ON u.id = s.unit_id JOIN product p ON p.id = u.product_id`;

export function unitView({ worked: _, createdAt: __, lastAt, ...same }: UnitRow): UnitView {
  return { ...same, lastAt: lastAt?.toISOString() ?? null };
}
