/**
 * The `q` quantile, 0 ≤ q ≤ 1, by linear interpolation (Hyndman & Fan's type 7, as PostgreSQL's percentile_cont);
 * null of nothing. The order of `values` does not matter.
 */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (at - Math.floor(at));
}
