import type { Proportion } from "@flashline/contract";

export const id = (kind: number, number: number): string =>
  `0190a${kind.toString(16).padStart(3, "0")}-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const now = Date.now();
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

/** Wilson, as the server does it; only here because invented counts need their intervals too. */
export function share(count: number, n: number): Proportion {
  if (n === 0) return { count, n, share: null, low: 0, high: 1 };
  const z = 1.96;
  const p = count / n;
  const scale = 1 + z ** 2 / n;
  const centre = (p + z ** 2 / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  return { count, n, share: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
