import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "./canonical.ts";

/** An event's columns, as `pg` gives them. The order of events is told by what is around them. */
export const EventRow = z.object({
  id: z.string(),
  at: z.date(),
  kind: z.string(),
  version: z.number(),
  whoKind: z.string(),
  whoId: z.string().nullable(),
  whoName: z.string().nullable(),
  /** Of a person's name, and of the name of a person that the event is about. */
  whoCommitment: z.instanceof(Buffer).nullable(),
  address: z.string().nullable(),
  door: z.string().nullable(),
  operation: z.string().nullable(),
  plantId: z.string().nullable(),
  subjectKind: z.string(),
  subjectId: z.string().nullable(),
  subjectName: z.string().nullable(),
  subjectCommitment: z.instanceof(Buffer).nullable(),
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
  data: z.unknown(),
});
/** One of them. */
export type EventRow = z.output<typeof EventRow>;

/** SQL: the columns of {@link EventRow} of `e`, a row of `ledger_open` or `ledger`, after {@link NAMES_SQL}. */
export const EVENT_COLUMNS = `e.id, e.at, e.kind, e.version, e.who_kind AS "whoKind", e.who_id AS "whoId", e.who_name AS "whoName",
       wn.commitment AS "whoCommitment", e.address, e.door, e.operation, e.plant_id AS "plantId", e.subject_kind AS "subjectKind",
       e.subject_id AS "subjectId", e.subject_name AS "subjectName", sn.commitment AS "subjectCommitment", e.before, e.after, e.reason,
       e.data`;
/** SQL: the names of people in `e`. */
export const NAMES_SQL = `LEFT JOIN ledger_name wn ON e.who_kind = 'person' AND wn.id = e.who_id
  LEFT JOIN ledger_name sn ON e.subject_kind = 'person' AND sn.id::text = e.subject_id`;

/** Where an event stands in the chain. `previous` is the hash before it, 32 zero bytes before the first. */
export interface Link {
  readonly position: number;
  readonly previous: Buffer;
  readonly sealedAt: Date;
}

export const FIRST_PREVIOUS = Buffer.alloc(32);

const hex = (bytes: Buffer | null): string | null => bytes?.toString("hex") ?? null;

/** A person is told by id and commitment, without the name, so that it can go; everybody else by id and name. */
const party = (
  kind: string,
  id: string | null,
  name: string | null,
  commitment: Buffer | null,
) => ({
  kind,
  id,
  name,
  commitment: hex(commitment),
});

/** What is hashed of an event, as an object. Every column is in it. */
export function documentOf(row: EventRow, { position, previous, sealedAt }: Link) {
  return {
    position,
    previous: previous.toString("hex"),
    sealedAt: sealedAt.toISOString(),
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    version: row.version,
    who: party(row.whoKind, row.whoId, row.whoName, row.whoCommitment),
    from: { address: row.address, door: row.door, operation: row.operation },
    plantId: row.plantId,
    subject: party(row.subjectKind, row.subjectId, row.subjectName, row.subjectCommitment),
    before: row.before ?? null,
    after: row.after ?? null,
    reason: row.reason,
    data: row.data,
  };
}

/** SHA-256 of the document's canonical JSON in UTF-8. */
export function hashOf(row: EventRow, link: Link): Buffer {
  return createHash("sha256")
    .update(canonicalJson(documentOf(row, link)))
    .digest();
}
