// Times are counted in bins whose limits grow by a constant factor, so that every time in a bin is within the same share of the bin's
// own value (DDSketch: Masson, Rim & Lee, PVLDB 12 (2019) 2195–2205).

/** How far a time may be from its bin's value, as a share of the time. */
export const RELATIVE_ERROR = 0.02;

const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
/** Of times that are zero. */
const ZERO = -32_768;

/** SQL: the bin of a time in milliseconds; null of null. */
export const binSql = (ms: string): string =>
  `CASE WHEN ${ms} <= 0 THEN ${ZERO} ELSE greatest(ceil(ln(${ms}) / ${Math.log(GROWTH)}), ${ZERO + 1}) END::smallint`;

/** A bin's value: no time in it is further from it than {@link RELATIVE_ERROR} of the time. */
const centerOf = (bin: number): number => (bin === ZERO ? 0 : (2 * GROWTH ** bin) / (GROWTH + 1));

/** A bin, and how many times are in it. */
export type Bin = readonly [bin: number, n: number];

const SHARES = [0.5, 0.9, 0.95] as const;

/**
 * Median, ninth decile and 95 % quantile, milliseconds, with `bins` in their order; null without a time. Between two times they are interpolated as
 * PostgreSQL's `percentile_cont` does, so that they are within the same share of the exact ones.
 */
export function quantilesOf(bins: readonly Bin[]): number[] | null {
  const n = bins.reduce((sum, [, count]) => sum + count, 0);
  if (n === 0) return null;
  /** The time with so many below it. */
  const at = (rank: number): number => {
    let below = 0;
    for (const [bin, count] of bins) {
      below += count;
      if (rank < below) return centerOf(bin);
    }
    return centerOf(bins.at(-1)?.[0] ?? ZERO);
  };
  return SHARES.map((share) => {
    const rank = share * (n - 1);
    const low = at(Math.floor(rank));
    return low + (at(Math.ceil(rank)) - low) * (rank - Math.floor(rank));
  });
}
