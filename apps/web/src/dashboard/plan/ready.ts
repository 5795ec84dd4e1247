import { addDays, daysBetween, isDay, MOST_DAYS } from "./days.ts";
import { ANY, type PlanValues } from "./values.ts";

/** What is planned by product; undefined while it says nothing, the same twice, or both a product and whatever is made. */
export function readRows(
  rows: PlanValues["rows"],
): readonly { readonly product: string; readonly units: number }[] | undefined {
  const read = rows.flatMap(({ product, units }) =>
    units === null || units < 1 ? [] : [{ product, units }],
  );
  const products = new Set(read.map(({ product }) => product));
  const isOne = products.size === read.length && read.length === rows.length;
  if (!isOne || (products.has(ANY) && read.length > 1)) return undefined;
  return read;
}

/** The days that the form means. One day is meant also where it is a Sunday. */
export const daysOf = ({ first, last, weekends }: PlanValues): readonly string[] =>
  daysBetween(first, last, weekends || first === last);

/** Whether the form can be sent: false while something is missing, a sentence where it cannot be meant. */
export function planReady(values: PlanValues): boolean | string {
  const { first, last, shift, rows } = values;
  const given = rows.filter(({ units }) => units !== null);
  if (new Set(given.map(({ product }) => product)).size < given.length) {
    return "A product stands there twice. Add its units up, or take one out.";
  }
  if (!isDay(first) || !isDay(last)) return false;
  if (last < first) return "The last day is before the first one.";
  if (addDays(first, MOST_DAYS) <= last) return `Set at most ${MOST_DAYS} days at once.`;
  if (daysOf(values).length === 0) return "Only a Saturday and a Sunday lie between these days.";
  return shift !== "" && readRows(rows) !== undefined;
}
