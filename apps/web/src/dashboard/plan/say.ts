import type { PaceView, PlanView } from "@flashline/contract";
import { counted, duration } from "../../shared/format.ts";

type Plan = NonNullable<PaceView["plan"]>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** "45 min", "1 h 20 min"; less than one is said as it is. */
export function workTime(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / MINUTE_MS);
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${minutes} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** How a line stands against its plan, in a word and a number. */
export function standing({ ahead }: Plan): { readonly name: string; readonly value: string } {
  if (ahead === 0) return { name: "On plan", value: "0" };
  return { name: ahead > 0 ? "Ahead" : "Behind", value: counted(Math.abs(ahead), "unit") };
}

/** The same in one short phrase: "12 behind". */
export const standingWords = ({ ahead }: Plan): string =>
  ahead === 0 ? "on plan" : `${Math.abs(ahead)} ${ahead > 0 ? "ahead" : "behind"}`;

/** What the line makes until the shift's end if nothing changes, against the plan. */
export function atTheEnd({ projected, plan }: PaceView): string {
  if (plan === null || projected === null) return "too few units to say";
  const more = projected - plan.units;
  if (more === 0) return "at the pace so far: just the plan";
  return `at the pace so far, ${counted(Math.abs(more), "unit")} ${more > 0 ? "over" : "short of"} the plan`;
}

/** How fast the line is beside how fast it has to be. */
export const cycleWords = ({ cycle }: PaceView): string =>
  cycle.ms === null
    ? "too few units to say how fast it is"
    : `it makes one in ${duration(cycle.ms)}`;

/** Milliseconds of a shift by the clock's usual hours, without its breaks. */
export function usualWorkMs({
  start,
  end,
  breaks,
}: {
  readonly start: string;
  readonly end: string;
  readonly breaks: readonly { readonly start: string; readonly end: string }[];
}): number {
  const day = 24 * HOUR_MS;
  const at = (time: string) =>
    Number(time.slice(0, 2)) * HOUR_MS + Number(time.slice(3)) * MINUTE_MS;
  const until = (from: string, to: string) => (at(to) - at(from) + day) % day;
  const length = until(start, end) || day;
  return length - breaks.reduce((sum, one) => sum + until(one.start, one.end), 0);
}

/** A shift's plan: all that is planned of one line for it. */
export interface ShiftRow {
  readonly key: string;
  readonly plant: string;
  readonly line: string;
  readonly day: string;
  readonly shift: string;
  readonly workingMs: number | null;
  readonly units: number;
  readonly products: readonly { readonly product: string | null; readonly units: number }[];
}

/** Plans by shift, by day and then by line; shifts of a day in the order in which the plant has them. */
export function byShift(
  plans: readonly PlanView[],
  order: (plant: string, shift: string) => number,
): readonly ShiftRow[] {
  const rows = new Map<string, ShiftRow>();
  for (const { plant, line, day, shift, workingMs, product, units } of plans) {
    const key = JSON.stringify([day, plant, line, shift]);
    const known = rows.get(key);
    rows.set(key, {
      key,
      plant,
      line,
      day,
      shift,
      workingMs,
      units: (known?.units ?? 0) + units,
      products: [...(known?.products ?? []), { product, units }],
    });
  }
  return [...rows.values()].sort(
    (a, b) =>
      a.day.localeCompare(b.day) ||
      a.plant.localeCompare(b.plant) ||
      a.line.localeCompare(b.line, "en", { numeric: true }) ||
      order(a.plant, a.shift) - order(b.plant, b.shift),
  );
}

/** "480" or "MC-2 300, PSU-40 180". */
export const productsText = ({ products }: Pick<ShiftRow, "products">): string =>
  products
    .map(({ product, units }) => (product === null ? "whatever is made" : `${product} ${units}`))
    .join(", ");
