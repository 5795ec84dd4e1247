import { z } from "zod";

/** The protocol number that this version speaks. A server takes its own and two releases back. */
export const PROTOCOL = 1;
export const PROTOCOL_RANGE = { oldest: 1, newest: 1 } as const;
/** Header with the protocol number, on every agent request. */
export const PROTOCOL_HEADER = "flashline-protocol";
/** Header with the agent's version, on every agent request. */
export const VERSION_HEADER = "flashline-version";

export const Id = z.uuid();
/** SHA-256 in lower-case hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const Timestamp = z.iso.datetime({ offset: true });
/** A unit's serial as scanned; see {@link normaliseSerial}. */
export const Serial = z.string().min(1).max(64);
export const Name = z.string().trim().min(1).max(120);

/**
 * Serials are unique per product after this one normalisation: outer blanks go, letters become upper case, and inner runs
 * of blanks become one "-" (scanners with a wrong keyboard layout drop or change separators; nothing else is guessed).
 */
export function normaliseSerial(scanned: string): string {
  return scanned.trim().toUpperCase().replace(/\s+/g, "-");
}

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
