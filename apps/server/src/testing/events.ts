import { EVENTS, type EventName } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import { commandLine } from "../ledger/origin.ts";

/** Who does what tests do themselves. */
export const BY = commandLine("test");

/** An event as the ledger has it, sealed or not. */
export interface RecordedEvent {
  readonly kind: string;
  readonly who: string;
  readonly address: string | null;
  readonly door: string;
  readonly operation: string;
  readonly plantId: string | null;
  readonly subjectKind: string;
  readonly subjectId: string | null;
  /** Of a person too. */
  readonly subjectName: string | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly reason: string | null;
  readonly data: unknown;
}

const RECORDED = `
WITH e AS (
  SELECT seq AS at_seq, kind, who_kind, who_id, who_name, address, door, operation, plant_id, subject_kind, subject_id, subject_name, before,
         after, reason, data FROM ledger_open
  UNION ALL
  SELECT position - 1000000000000, kind, who_kind, who_id, who_name, address, door, operation, plant_id, subject_kind, subject_id, subject_name,
         before, after, reason, data FROM ledger)
SELECT e.kind, concat_ws(' ', e.who_kind, coalesce(e.who_name, w.name)) AS who, e.address, e.door, e.operation, e.plant_id AS "plantId",
       e.subject_kind AS "subjectKind", e.subject_id AS "subjectId", coalesce(e.subject_name, s.name) AS "subjectName",
       e.before, e.after, e.reason, e.data
  FROM e LEFT JOIN ledger_name w ON w.id = e.who_id LEFT JOIN ledger_name s ON s.id::text = e.subject_id
 WHERE e.kind LIKE $1 ORDER BY e.at_seq`;

/** Every event of a kind, or of several with "%" in it, in the order in which they were written. */
export const eventsOf = (sql: Sql, kind = "%"): Promise<readonly RecordedEvent[]> =>
  sql.query<RecordedEvent>(RECORDED, [kind]);

/** What of these events is not as the contract's table says; nothing where all are. */
export function wrongOf(events: readonly RecordedEvent[]): readonly string[] {
  return events.flatMap(({ kind, subjectKind, data }) => {
    if (!(kind in EVENTS)) return [`${kind} is no kind of event`];
    const { subject, versions } = EVENTS[kind as EventName];
    if (subject !== subjectKind) return [`${kind} is about ${subjectKind}, not ${subject}`];
    const read = versions.at(-1)?.strict().safeParse(data);
    return read?.success === true ? [] : [`${kind}: ${read?.error.message}`];
  });
}
