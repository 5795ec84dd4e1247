import { z } from "zod";
import { Id, text } from "./common.ts";
import { Reason } from "./holds.ts";

/** How a badge ended: lost, given back, replaced by another one, or known by a key that does not count any more. */
export const BADGE_ENDS = ["lost", "returned", "replaced", "key-retired"] as const;
/** One of {@link BADGE_ENDS}. */
export type BadgeEnd = (typeof BADGE_ENDS)[number];

/** What a reader reads from a badge, without blanks around it. It is stored nowhere and logged nowhere. */
export const BadgeContent = text(200).trim().min(4);

/** A badge for a person; the one that the person had is replaced. */
export const BadgeRequest = z.object({ content: BadgeContent, reason: Reason });
/** A badge that was lost, or given back. */
export const EndBadgeRequest = z.object({ as: z.enum(["lost", "returned"]), reason: Reason });

/** A badge as lists show it. */
export const BadgeView = z.object({
  id: Id,
  person: z.string(),
  role: z.string(),
  plant: z.string().nullable(),
  /** Generation of the key by which it is known. */
  generation: z.number().int(),
  /** False: it is known by a key that this server does not have, and must be given anew. */
  readable: z.boolean(),
  givenBy: z.string(),
  givenAt: z.string(),
  /** When a station showed it to the server last. */
  lastUsedAt: z.string().nullable(),
  /** One of {@link BADGE_ENDS}; null while it counts. */
  endedAs: z.string().nullable(),
  endedBy: z.string().nullable(),
  endedAt: z.string().nullable(),
  endReason: z.string().nullable(),
});
export type BadgeView = z.infer<typeof BadgeView>;

/** A key by which badges are known; not the key itself. */
export const BadgeKeyView = z.object({
  generation: z.number().int(),
  reason: z.string(),
  madeBy: z.string(),
  madeAt: z.string(),
  retiredAt: z.string().nullable(),
  /** Badges that count and are known by it. */
  badges: z.number().int(),
});
export type BadgeKeyView = z.infer<typeof BadgeKeyView>;

/** A new generation after `from`, which must be the newest. */
export const RotateBadgeKeyRequest = z.object({ from: z.number().int().min(1), reason: Reason });

/**
 * What a station needs to know badges without the server. A badge's digest is HMAC-SHA256, in hexadecimal, of the UTF-8 bytes of
 * its content without blanks around it, with one of the keys.
 */
export const StationBadges = z.object({
  /** Changes whenever anything else here does. */
  version: z.string(),
  /** The newest first. */
  keys: z.array(z.object({ id: z.string(), key: z.base64() })),
  badges: z.array(
    z.object({
      keyId: z.string(),
      digest: z.string(),
      /** Null of a badge that was lost: who shows it is nobody. */
      person: z.object({ id: Id, name: z.string(), role: z.string() }).nullable(),
    }),
  ),
});
export type StationBadges = z.infer<typeof StationBadges>;

/** What a station read from a badge. */
export const PresentBadgeRequest = z.object({ content: BadgeContent });
/** Whose badge it is. */
export const BadgeHolder = z.object({ id: Id, name: z.string(), role: z.string() });
export type BadgeHolder = z.infer<typeof BadgeHolder>;
