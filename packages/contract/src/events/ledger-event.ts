import { z } from "zod";
import { DOORS, SUBJECT_KINDS, WHO_KINDS } from "./event.ts";
import { EVENTS } from "./index.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Changes = z.record(z.string(), z.unknown()).nullable();

/** Who did something, or what it was done to. */
const party = <const K extends readonly [string, ...string[]]>(kinds: K) =>
  z.object({
    kind: z.enum(kinds),
    id: z.string().nullable(),
    /** Null where the party has no name, and where a person's name was erased. */
    name: z.string().nullable(),
    /** Of a person: SHA-256 of a salt and the name. The chain holds this in place of the name. */
    commitment: Hash.nullable(),
  });

/** A sealed event. {@link EVENTS} says what its `data` holds. */
export const LedgerEvent = z.object({
  /** Whose ledger it is. With an id or the position it is a key that no other plant's server has. */
  server: z.uuid(),
  /** Dense, from 1. */
  position: z.number().int().positive(),
  /** Of the event before it; 64 zeros before the first. */
  previous: Hash,
  hash: Hash,
  sealedAt: z.string(),
  id: z.string(),
  /** When it was written. */
  at: z.string(),
  /** A key of {@link EVENTS}; a newer server may have more. */
  kind: z.string(),
  version: z.number().int(),
  who: party(WHO_KINDS),
  from: z.object({
    address: z.string().nullable(),
    /** Null in what was imported. */
    door: z.enum(DOORS).nullable(),
    /** Endpoint, command or task. */
    operation: z.string().nullable(),
  }),
  plantId: z.string().nullable(),
  subject: party(SUBJECT_KINDS),
  before: Changes,
  after: Changes,
  reason: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/** A page of the audit, the latest first. */
export const AuditPage = z.object({
  events: z.array(LedgerEvent),
  /** `after` of the next page; null on the last one. */
  next: z.number().int().nullable(),
  /** Events that are written and not sealed yet: they come within two seconds. */
  unsealed: z.number().int(),
});
/** One of them. */
export type AuditPage = z.infer<typeof AuditPage>;

/** How far the ledger's chain was worked out anew, and what is wrong with it. */
export const LedgerChain = z.object({
  /** The last sealed event; null: nothing was sealed yet. */
  head: z.object({ position: z.number().int(), hash: Hash, sealedAt: z.string() }).nullable(),
  unsealed: z.number().int(),
  /** Everything up to this position was read and worked out, at this time. Null: not yet. */
  verified: z.object({ position: z.number().int(), at: z.string() }).nullable(),
  /** How far the reading that is under way has come; null: none is. */
  reading: z.number().int().nullable(),
  /** In words, each with its position; nothing where the ledger is as it was written. */
  problems: z.array(z.string()),
});
export type LedgerChain = z.infer<typeof LedgerChain>;

/** What came after a position, in order and without a gap. */
export const FeedPage = z.object({
  events: z.array(LedgerEvent),
  /** The last position that there is. */
  head: z.number().int().nonnegative(),
});
/** One of them. */
export type FeedPage = z.infer<typeof FeedPage>;

/** The schema of an event's `data`; undefined where this version does not know the kind or its version. */
export function dataSchema(kind: string, version: number): z.ZodObject | undefined {
  const known: Readonly<Record<string, { readonly versions: readonly z.ZodObject[] }>> = EVENTS;
  return Object.hasOwn(known, kind) ? known[kind]?.versions[version - 1] : undefined;
}
