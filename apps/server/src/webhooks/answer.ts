import type { PostAnswer } from "./post.ts";

/**
 * What an answer means. "took": the message arrived. "away": the endpoint takes nothing now; the same message is tried until it does, so that
 * none is lost and their order stays. "refused": the endpoint does not want this very message. "gone": it wants nothing any more.
 */
export type Meaning = "took" | "away" | "refused" | "gone";

/** Statuses that speak of the message and not of the endpoint. */
const OF_MESSAGE: ReadonlySet<number> = new Set([400, 409, 413, 415, 422, 500, 501]);

export function meaningOf({ status }: PostAnswer): Meaning {
  if (status === null) return "away";
  if (status >= 200 && status < 300) return "took";
  if (status === 410) return "gone";
  return OF_MESSAGE.has(status) ? "refused" : "away";
}

/** The same in words. */
export function sayAnswer({ status, error }: PostAnswer): string {
  if (status === null) return error ?? "no answer";
  if (status >= 300 && status < 400) return `answered ${status}: redirects are not followed`;
  return `answered ${status}`;
}

/** A message that is refused so often is given up. */
export const MOST_TRIES = 6;

const FIRST_S = 5;
const LONGEST_S = 600;
/** An endpoint may ask for more time, but not for a day. */
const MOST_ASKED_S = 3_600;

/**
 * How long to wait after the `tries`-th failure in a row, seconds: 5, 10, 20 … 600, of which half is by chance, so that endpoints that
 * failed together do not come back together.
 */
export function backOffS(tries: number, askedS: number | null, chance = Math.random()): number {
  const full = Math.min(LONGEST_S, FIRST_S * 2 ** Math.min(tries - 1, 20));
  return Math.max(full * (0.5 + chance / 2), Math.min(askedS ?? 0, MOST_ASKED_S));
}
