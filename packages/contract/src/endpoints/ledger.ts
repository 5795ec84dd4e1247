import { z } from "zod";
import { Timestamp, text } from "../common.ts";
import { SUBJECT_KINDS, WHO_KINDS } from "../events/event.ts";
import { AuditPage, FeedPage, LedgerChain } from "../events/ledger-event.ts";
import { type Endpoint, page, people } from "./endpoint.ts";

/** Addresses and failed log-ins are in it: not for everybody who may read. */
const auditors = people(["engineer", "admin"], "feed:read");
const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What happened. */
export const LEDGER_ENDPOINTS = {
  audit: {
    method: "GET",
    path: "/v1/audit",
    summary: "Events of the ledger, the latest first",
    access: auditors,
    query: page.extend({
      kind: text(60).optional(),
      whoKind: z.enum(WHO_KINDS).optional(),
      /** Name; needs `whoKind`. */
      who: text(200).optional(),
      subjectKind: z.enum(SUBJECT_KINDS).optional(),
      /** Id or name, such as a serial; an id needs `subjectKind`, and so does a person. */
      subject: text(200).optional(),
      from: Timestamp.optional(),
      to: Timestamp.optional(),
      /** Position after which the list goes on. */
      after: position.optional(),
    }),
    answers: { 200: AuditPage },
  },
  auditChain: {
    method: "GET",
    path: "/v1/audit/chain",
    summary: "How far the ledger was verified; each call reads on for about a second",
    access: auditors,
    answers: { 200: LedgerChain },
  },
  feed: {
    method: "GET",
    path: "/v1/feed",
    summary: "Sealed events after a position, in order and without a gap; waits for the next one",
    access: auditors,
    query: z.object({
      after: position.default(0),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
      /** How long to wait where there is nothing yet, milliseconds. */
      waitMs: z.coerce.number().int().min(0).max(25_000).default(0),
    }),
    answers: { 200: FeedPage },
  },
} as const satisfies Record<string, Endpoint>;
