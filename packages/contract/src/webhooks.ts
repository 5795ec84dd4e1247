import { z } from "zod";
import { Id, isStorableText, Name } from "./common.ts";
import { Reason } from "./holds.ts";

/** A kind of event, all of a thing ("alarm.*"), or all ("*"). */
const KindFilter = z
  .string()
  .regex(/^(\*|[a-z]+\.(\*|[a-z-]+))$/, 'expected "order.closed", "alarm.*" or "*"');
const Kinds = z.array(KindFilter).min(1).max(100);
const Url = z
  .url({ protocol: /^https?$/, error: "expected an address that starts with https:// or http://" })
  .max(500)
  .refine(isStorableText);

/** A new webhook: its name, where it sends, and which events. */
export const WebhookRequest = z.object({
  name: Name,
  url: Url,
  kinds: Kinds,
  /** The position of the ledger after which it begins; what is there now is left out where none is given. */
  after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});
/** Changes a webhook. What is not named stays. */
export const WebhookChange = z.object({
  url: Url.optional(),
  kinds: Kinds.optional(),
  /** Switches it off, or on again: it goes on where it stopped. */
  on: z.boolean().optional(),
  reason: Reason,
});

/** An endpoint that gets events of the ledger. */
export const WebhookView = z.object({
  id: Id,
  name: z.string(),
  url: z.string(),
  kinds: z.array(z.string()),
  on: z.boolean(),
  /** Why it was switched off. */
  offReason: z.string().nullable(),
  /** Everything up to this position of the ledger is dealt with. */
  position: z.number().int(),
  /** Positions between it and the end of the ledger. */
  behind: z.number().int(),
  deliveredAt: z.string().nullable(),
  /** Since when it takes nothing, how often it was tried, what it said last, and when it is tried again. */
  failingSince: z.string().nullable(),
  tries: z.number().int(),
  lastError: z.string().nullable(),
  nextTryAt: z.string().nullable(),
  /** Messages that were given up and are not sent again. */
  deadLetters: z.number().int(),
  createdAt: z.string(),
  createdBy: z.string(),
});
export type WebhookView = z.infer<typeof WebhookView>;

/** A webhook with a secret that is shown this once. */
export const WebhookSecret = z.object({
  webhook: WebhookView,
  /** "whsec_" and base64. */
  secret: z.string(),
  /** Until when messages are signed with the secret of before too. */
  oldUntil: z.string().nullable(),
});

/** What a test call came to. */
export const WebhookTested = z.object({
  ok: z.boolean(),
  /** HTTP status; null without an answer. */
  status: z.number().int().nullable(),
  /** Why it failed. */
  error: z.string().nullable(),
  ms: z.number(),
});
export type WebhookTested = z.infer<typeof WebhookTested>;

/** A message that an endpoint did not take. */
export const DeadLetter = z.object({
  position: z.number().int(),
  kind: z.string(),
  tries: z.number().int(),
  error: z.string(),
  diedAt: z.string(),
  /** It is on its way once more. */
  replaying: z.boolean(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Which dead letters are sent once more, or removed: these, or all of them. */
export const LettersRequest = z.object({
  positions: z
    .array(z.number().int().positive().max(Number.MAX_SAFE_INTEGER))
    .min(1)
    .max(1_000)
    .optional(),
  /** Removes them instead. */
  discard: z.boolean().default(false),
});
