/**
 * Milliseconds before try number `attempt` (from 1). It doubles from 1 s to a minute. Half of it is random, so that stations do
 * not come in step after an outage.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 10));
  return full / 2 + (full / 2) * random();
}
