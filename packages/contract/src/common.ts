import { z } from "zod";

/** The protocol number that this version speaks. A server takes its own and two releases back. */
export const PROTOCOL = 1;
/** Versions of the agent's protocol that this server speaks, both ends included. */
export const PROTOCOL_RANGE = { oldest: 1, newest: 1 } as const;
/** Header with the protocol number, on every agent request. */
export const PROTOCOL_HEADER = "flashline-protocol";
/** Header with the agent's version, on every agent request. */
export const VERSION_HEADER = "flashline-version";

/** A UUID in lower or upper case, of any version. */
export const Id = z.uuid();
/** SHA-256 in lower-case hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What neither PostgreSQL nor UTF-8 holds: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Cs}/u;
const UNSTORABLE_TEXT = "holds a NUL character or half of a surrogate pair";
/** Whether a database column and a file in UTF-8 keep the text as it is. */
export const isStorableText = (text: string): boolean => !UNSTORABLE.test(text);
/** Text of requests: `least` to `most` UTF-16 units, all of them storable. */
export const text = (most: number, least = 0) =>
  z.string().min(least).max(most).refine(isStorableText, { error: UNSTORABLE_TEXT });

/** PostgreSQL's and ISO 8601's years in common are 0001 to 9999. */
const FIRST_TIME = Date.parse("0001-01-01T00:00:00Z");
const LAST_TIME = Date.parse("9999-12-31T23:59:59.999Z");
/** Whether a time in ISO 8601 is one that a database column keeps. */
export const isStorableTime = (text: string): boolean => {
  const at = Date.parse(text);
  return at >= FIRST_TIME && at <= LAST_TIME;
};
/** PostgreSQL reads no other one; clocks are at most 14 hours from UTC. */
const hasReadableOffset = (text: string): boolean => !/[+-](?:1[6-9]|2\d):\d\d$/.test(text);
/** ISO 8601 with an offset, "2026-11-28T08:15:00+01:00"; only years and offsets that PostgreSQL and JavaScript both hold. */
export const Timestamp = z.iso
  .datetime({ offset: true })
  .refine(isStorableTime, { error: "expected a year from 0001 to 9999" })
  .refine(hasReadableOffset, { error: "expected an offset of at most 15:59" });
/** A day of the calendar, "2026-11-24". The year 2 is refused: somebody was still typing 2026. */
export const Day = z.iso
  .date()
  .refine((day) => /^2[01]/.test(day), { error: "expected a day from 2000-01-01 to 2199-12-31" });
/** A unit's serial as scanned; see {@link normaliseSerial}. */
export const Serial = z.string().min(1).max(64);
/** What a person calls something: 1 to 120 characters without blanks around them. */
export const Name = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .refine(isStorableText, { error: UNSTORABLE_TEXT });

/**
 * Serials are unique per product after this one normalisation: outer blanks go, letters become upper case, and inner runs
 * of blanks become one "-" (scanners with a wrong keyboard layout drop or change separators; nothing else is guessed).
 */
export function normaliseSerial(scanned: string): string {
  return scanned.trim().toUpperCase().replace(/\s+/g, "-");
}

/** Whether a normalised serial can be one at all: no control character is part of a label, and a database takes no NUL. */
export const isReadableSerial = (serial: string): boolean =>
  serial !== "" && !/[\p{Cc}\p{Cs}]/u.test(serial);

/** A share with its 95 % Wilson interval; `n` is always shown beside it. */
export const Proportion = z.object({
  count: z.number().int().nonnegative(),
  n: z.number().int().nonnegative(),
  /** count / n; null when n is 0. */
  share: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});
export type Proportion = z.infer<typeof Proportion>;
