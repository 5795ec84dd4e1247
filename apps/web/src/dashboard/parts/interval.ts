/** Below this many an interval is shown grey: a share of so few says little. */
export const FEW = 30;

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** Where a value of `domain` falls on `size` pixels; what is outside lands on the edge. */
export function place(value: number, domain: readonly [number, number], size: number): number {
  const [low, high] = domain;
  if (high <= low) return 0;
  return Math.min(1, Math.max(0, (value - low) / (high - low))) * size;
}

/** Pixels of an interval and its point; a point outside its interval (rounding) is drawn into it. */
export function spanOf(
  value: { readonly low: number; readonly high: number; readonly share: number | null },
  domain: readonly [number, number],
  size: number,
): Span {
  const from = place(value.low, domain, size);
  const to = place(value.high, domain, size);
  const at = place(value.share ?? (value.low + value.high) / 2, domain, size);
  return { from, to, at: Math.min(to, Math.max(from, at)) };
}

/**
 * An axis that shows the differences and does not exaggerate them: from 0 for rates that are near it, to 1 for yields, in
 * steps that people count in.
 */
export function yieldDomain(lows: readonly number[]): readonly [number, number] {
  const lowest = Math.min(1, ...lows);
  const floors = [0.95, 0.9, 0.8, 0.7, 0.5, 0];
  return [floors.find((floor) => floor <= lowest) ?? 0, 1];
}

export function rateDomain(highs: readonly number[]): readonly [number, number] {
  const highest = Math.max(0, ...highs);
  const tops = [0.05, 0.1, 0.2, 0.3, 0.5, 1];
  return [0, tops.find((top) => top >= highest) ?? 1];
}

/** Ticks of a domain from {@link yieldDomain} or {@link rateDomain}. */
export function ticksOf([low, high]: readonly [number, number]): readonly number[] {
  const span = high - low;
  const step = [0.01, 0.02, 0.05, 0.1, 0.25].find((each) => Math.round(span / each) <= 5) ?? 0.25;
  const ticks: number[] = [];
  for (let index = 0; index <= Math.round(span / step); index += 1) {
    ticks.push(Number((low + index * step).toFixed(4)));
  }
  return ticks;
}
