import { z } from "zod";
import type { EventKind } from "./event.ts";

/** Endpoints that get events. The event's subject has the webhook's id and name. */
export const WEBHOOK_EVENTS = {
  "webhook.added": {
    says: "An endpoint gets events of the ledger from now on; `after` says of which origin, and which events. Paths are not told: they may hold a key.",
    subject: "webhook",
    versions: [z.object({ position: z.number().int() })],
  },
  "webhook.changed": {
    says: "A webhook got another address or other kinds, or was switched by a person (`before`, `after`).",
    subject: "webhook",
    versions: [z.object({ changed: z.array(z.enum(["url", "kinds", "on"])) })],
  },
  "webhook.removed": {
    says: "An endpoint gets no events any more.",
    subject: "webhook",
    versions: [z.object({ position: z.number().int(), deadLetters: z.number().int() })],
  },
  "webhook.secret-rotated": {
    says: "A webhook got another secret; the one of before counts until `oldUntil` too.",
    subject: "webhook",
    versions: [z.object({ oldUntil: z.string() })],
  },
  "webhook.tested": {
    says: "A webhook was called as a trial.",
    subject: "webhook",
    versions: [z.object({ ok: z.boolean(), status: z.number().int().nullable() })],
  },
  "webhook.replayed": {
    says: "Messages that a webhook's endpoint had not taken are sent once more, or removed.",
    subject: "webhook",
    versions: [z.object({ letters: z.number().int(), discarded: z.boolean() })],
  },
  "webhook.off": {
    says: "The server switched a webhook off: its endpoint took nothing for days, or said that it is gone.",
    subject: "webhook",
    versions: [z.object({ position: z.number().int(), why: z.string() })],
  },
} as const satisfies Record<string, EventKind>;
