import { EVENTS, type EventName, eventVersion } from "@flashline/contract";
import type { Origin } from "./origin.ts";
import { short } from "./text.ts";

/** SQL expressions of what an event tells, over the rows of its query. */
export interface EventColumns {
  readonly subjectId: string;
  readonly subjectName?: string;
  /** Of `jsonb`. */
  readonly data: string;
  readonly before?: string;
  readonly after?: string;
  readonly reason?: string;
  /** Default: the plant of who did it. */
  readonly plantId?: string;
  /** An expression where rows tell of several kinds, whose newest versions and subjects are those of `kind`. Default: `kind`. */
  readonly kind?: string;
}

/** Names of the parameters that say who did it, from where. {@link eventSql} takes them where the rows have their plant. */
export const WHO_PARAMETERS = [
  "whoKind",
  "whoId",
  "whoName",
  "address",
  "door",
  "operation",
] as const;

/** The same, with the plant of who did it. {@link eventSql} takes them. */
export const ORIGIN_PARAMETERS = [...WHO_PARAMETERS, "plantId"] as const;

/** Their values. {@link eventSql} takes none of a person: a statement of many rows does not look for names. */
export function originValues(by: Origin) {
  const { who, address, door, operation, plantId } = by;
  return {
    whoKind: who.kind,
    whoId: "id" in who ? who.id : null,
    whoName: short("name" in who ? who.name : undefined),
    address,
    door,
    operation,
    plantId,
  };
}

/**
 * SQL that writes an event for each row of `from`, "moved m JOIN unit u ON …", in the statement of the deed itself: a CTE, or the
 * statement's end. For what happens once a unit, or to many rows at once; everything else calls `recordEvent`.
 */
export function eventSql(kind: EventName, from: string, columns: EventColumns): string {
  const { subjectId, subjectName = "NULL", data, before = "NULL", after = "NULL" } = columns;
  return `
INSERT INTO ledger_open (kind, version, who_kind, who_id, who_name, address, door, operation, plant_id,
                         subject_kind, subject_id, subject_name, before, after, reason, data)
SELECT ${columns.kind ?? `'${kind}'`}, ${eventVersion(kind)}, :whoKind::text, :whoId::uuid, :whoName::text, :address::text, :door::text,
       :operation::text,
       ${columns.plantId ?? ":plantId::uuid"}, '${EVENTS[kind].subject}', (${subjectId})::text, ${subjectName},
       ${before}::jsonb, ${after}::jsonb, ${columns.reason ?? "NULL"}, ${data}
  FROM ${from}`;
}
