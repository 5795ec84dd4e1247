import type { Proportion } from "@flashline/contract";

/** Standard normal quantile for a two-sided 95 % interval. */
const Z95 = 1.959963984540054;

/**
 * A share with its 95 % score interval (Wilson, JASA 22 (1927) 209–212; Newcombe, Stat. Med. 17 (1998), method 3).
 * Whole numbers, 0 ≤ count ≤ n. Without any trial the share is null and the interval says nothing: 0 to 1.
 */
export function proportion(count: number, n: number): Proportion {
  if (n === 0) return { count: 0, n: 0, share: null, low: 0, high: 1 };
  const share = count / n;
  const z2 = Z95 * Z95;
  const scale = 1 + z2 / n;
  const centre = (share + z2 / (2 * n)) / scale;
  const half = (Z95 / scale) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return {
    count,
    n,
    share,
    low: count === 0 ? 0 : Math.max(0, centre - half),
    high: count === n ? 1 : Math.min(1, centre + half),
  };
}
