import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

/** Channels of products. Each order that got another release by a move has its own event. */
export const CHANNEL_EVENTS = {
  "channel.added": {
    says: "A product got a channel, which is empty.",
    subject: "channel",
    versions: [nothing],
  },
  "channel.moved": {
    says: "A channel has another release (`before`, `after`); the open orders `orders` follow it.",
    subject: "channel",
    versions: [z.object({ orders: z.array(z.string()) })],
  },
  "channel.emptied": {
    says: "The release in a channel was revoked and left it. Its orders take no more units until another one is moved into it.",
    subject: "channel",
    versions: [z.object({ orders: z.array(z.string()) })],
  },
  "channel.removed": {
    says: "A channel that no open order followed was removed.",
    subject: "channel",
    versions: [nothing],
  },
} as const satisfies Record<string, EventKind>;
