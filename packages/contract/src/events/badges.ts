import { z } from "zod";
import { BADGE_ENDS } from "../badges.ts";
import type { EventKind } from "./event.ts";

/** Badges. What is read from one is in no event. */
export const BADGE_EVENTS = {
  "badge.given": {
    says: "A person got a badge.",
    subject: "person",
    versions: [z.object({ badge: z.string() })],
  },
  "badge.ended": {
    says: "A person's badge does not count any more: lost, given back, replaced, or its key was retired.",
    subject: "person",
    versions: [z.object({ badge: z.string(), as: z.enum(BADGE_ENDS) })],
  },
  "badge-key.rotated": {
    says: "Badges are known by a new key.",
    subject: "key",
    versions: [z.object({ generation: z.number() })],
  },
  "badge-key.retired": {
    says: "A key by which badges were known does not count any more; so many badges ended.",
    subject: "key",
    versions: [z.object({ generation: z.number(), badges: z.number() })],
  },
} as const satisfies Record<string, EventKind>;
