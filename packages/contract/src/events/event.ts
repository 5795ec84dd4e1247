import { z } from "zod";

/** What an event of the ledger is about. */
export const SUBJECT_KINDS = [
  "alarm",
  "attempt",
  "batch",
  "channel",
  "exception",
  "grant",
  "host",
  "image",
  "job",
  "key",
  "line",
  "machine",
  "nest",
  "order",
  "person",
  "plant",
  "product",
  "recipient",
  "release",
  "rule",
  "server",
  "station",
  "token",
  "unit",
  "update",
  "webhook",
  "other",
] as const;
/** One of {@link SUBJECT_KINDS}. */
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Whose deed an event tells. "nobody": a caller who did not prove who they are. */
export const WHO_KINDS = ["person", "token", "station", "system", "nobody"] as const;
/** One of {@link WHO_KINDS}. */
export type WhoKind = (typeof WHO_KINDS)[number];

/**
 * By which door a deed came: the pages (a session), the API (a token, or a request without a credential), a station's agent, the server's own
 * command line, or the server by itself.
 */
export const DOORS = ["pages", "api", "agent", "command-line", "server"] as const;
/** One of {@link DOORS}. */
export type Door = (typeof DOORS)[number];

/** One kind of event: a row of the table. */
export interface EventKind {
  /** One sentence for the documentation. */
  readonly says: string;
  readonly subject: SubjectKind;
  /**
   * Schemas of `data`, the first one of version 1. What was recorded stays as it was: a change that a reader would notice is a new
   * version at the end, and the earlier ones stay.
   */
  readonly versions: readonly [z.ZodObject, ...z.ZodObject[]];
}

/** `data` of a kind that needs none. */
export const nothing = z.object({});
