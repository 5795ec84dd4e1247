import { EVENTS, type EventData, type EventName, eventVersion } from "@flashline/contract";
import { z } from "zod";
import { jsonText, plainText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { ORIGIN_PARAMETERS, originValues } from "./event-sql.ts";
import type { Origin } from "./origin.ts";
import { short } from "./text.ts";

/** What an event is about: its id where it has one, and its name. A person has a name only. */
export interface Subject {
  readonly id?: string;
  readonly name?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** An event as its deed tells it. */
export interface NewEvent<K extends EventName> {
  readonly kind: K;
  readonly by: Origin;
  readonly subject: Subject;
  /** What the kind's schema says. Never a secret. */
  readonly data: EventData<K>;
  /** The plant that it happened in. Default: the caller's. */
  readonly plantId?: string | null;
  /** What changed, as it was and as it is; only the fields that changed. */
  readonly before?: Fields;
  readonly after?: Fields;
  /** In a person's own words. */
  readonly reason?: string | undefined;
}

const INSERT = statement(
  [
    ...["kind", "version", ...ORIGIN_PARAMETERS],
    ...["subjectKind", "subjectId", "subjectName", "before", "after", "reason", "data"],
  ],
  z.object({ id: z.string() }),
  `
INSERT INTO ledger_open (kind, version, who_kind, who_id, who_name, address, door, operation, plant_id,
                         subject_kind, subject_id, subject_name, before, after, reason, data)
SELECT :kind, :version::int, :whoKind::text,
       CASE WHEN :whoKind::text = 'person' THEN ledger_name_of(:whoName::text) ELSE :whoId::uuid END,
       CASE WHEN :whoKind::text <> 'person' THEN :whoName::text END,
       :address, :door, :operation, :plantId::uuid, :subjectKind::text,
       CASE WHEN :subjectKind::text = 'person' THEN ledger_name_of(:subjectName::text)::text ELSE :subjectId::text END,
       CASE WHEN :subjectKind::text <> 'person' THEN :subjectName::text END,
       :before::jsonb, :after::jsonb, :reason, :data::jsonb
RETURNING id`,
);

const json = (value: unknown): string | null => (value === undefined ? null : jsonText(value));

/** Writes an event of the ledger. Call it in the transaction of the deed that it tells: both happen, or neither. */
export async function recordEvent<K extends EventName>(
  sql: Sql,
  event: NewEvent<K>,
): Promise<void> {
  const { kind, by, subject, before, after } = event;
  await sql.row(INSERT, {
    kind,
    version: eventVersion(kind),
    ...originValues(by),
    plantId: event.plantId === undefined ? by.plantId : event.plantId,
    subjectKind: EVENTS[kind].subject,
    subjectId: short(subject.id),
    subjectName: short(subject.name),
    before: json(before),
    after: json(after),
    reason: event.reason === undefined ? null : plainText(event.reason),
    data: jsonText(event.data),
  });
}
