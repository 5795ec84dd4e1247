import { quantile } from "../server/figures.ts";

/** A line of the table. */
export interface VerdictRow {
  readonly plant: string;
  readonly what: string;
  /** Faults, hosts or units that were watched. */
  readonly of: string;
  readonly detector: string;
  readonly target: string;
  /** Undefined: there is no target. */
  readonly isMet: boolean | undefined;
  readonly cusum: string;
  readonly before: string;
}

/** A target counts as met within so much of it. */
export const ALLOWED = 1.1;
/** Of what was not reached. */
export const NEVER = Number.POSITIVE_INFINITY;

/** Median and 90 % quantile. */
export type Pair = readonly [median: number, ninety: number];

export const pairOf = (units: readonly (number | undefined)[]): Pair => {
  const known = units.map((one) => one ?? NEVER);
  return [quantile(known, 0.5), quantile(known, 0.9)];
};
export const number = (value: number): string =>
  value === NEVER ? "–" : String(Math.round(value));
export const pair = (value: Pair): string => value.map(number).join(" / ");
export const percent = (part: number, of: number): string =>
  `${((100 * part) / Math.max(1, of)).toFixed(1)} %`;
const isWithin = (value: Pair, limit: Pair): boolean =>
  value[0] <= limit[0] * ALLOWED && value[1] <= limit[1] * ALLOWED;

/** Units until something was reached. */
export function delayRow(
  row: Pick<VerdictRow, "plant" | "what">,
  units: readonly (number | undefined)[],
  limit: Pair | undefined,
  beside: Partial<VerdictRow> = {},
): VerdictRow {
  const found = pairOf(units);
  return {
    ...row,
    of: `${units.length} faults`,
    detector: pair(found),
    target: limit === undefined ? "" : pair(limit),
    isMet: limit && isWithin(found, limit),
    cusum: "",
    before: "",
    ...beside,
  };
}

/** How many of the faults something was said of. */
export function shareRow(
  row: Pick<VerdictRow, "plant" | "what">,
  [part, of]: readonly [number, number],
  target: { readonly atMost?: number; readonly atLeast?: number },
  beside: Partial<VerdictRow> = {},
): VerdictRow {
  const { atMost, atLeast } = target;
  const share = (100 * part) / Math.max(1, of);
  return {
    ...row,
    of: `${of} faults`,
    detector: percent(part, of),
    target: atMost === undefined ? `≥ ${atLeast} %` : `≤ ${atMost} %`,
    isMet: share <= (atMost ?? 100) && share >= (atLeast ?? 0),
    cusum: "",
    before: "",
    ...beside,
  };
}
