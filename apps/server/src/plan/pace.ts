import type { PaceView } from "@flashline/contract";
import type { Made } from "./pace.repository.ts";
import type { ShiftOnDay } from "./shifts.repository.ts";
import { type Span, workingMs } from "./working-time.ts";

/** Part of a shift that is told apart, milliseconds. */
export const BUCKET_MS = 3_600_000;
/** From fewer times between two units of a nest nothing is told of how fast it is. */
const LEAST_TIMES = 5;
/** A shift's end is foretold from so many units and so much working time on, milliseconds. */
const LEAST_UNITS = 10;
const LEAST_WORKED_MS = 1_800_000;

/** What is planned of one product; null: of whatever is made. */
export interface Planned {
  readonly product: string | null;
  readonly units: number;
}

type Cycle = PaceView["cycle"];

/**
 * How fast nests are together: each by the median of its own times from unit to unit, added up as units an hour. A pause changes no median, and nests
 * that are started together are not taken for one that is very fast.
 */
function cycleOf(nests: readonly Pick<Made["nests"][number], "times" | "medianMs">[]): Cycle {
  const told = nests.flatMap(({ times, medianMs }) =>
    medianMs !== null && medianMs > 0 && times >= LEAST_TIMES ? [{ times, medianMs }] : [],
  );
  const rate = told.reduce((sum, { medianMs }) => sum + 1 / medianMs, 0);
  return {
    ms: rate === 0 ? null : 1 / rate,
    n: told.reduce((sum, { times }) => sum + times, 0),
  };
}

function stationsOf(nests: Made["nests"]): PaceView["stations"] {
  const names = [...new Set(nests.map(({ station }) => station))];
  return names.map((station) => {
    const own = nests.filter((nest) => nest.station === station);
    return { station, made: own.reduce((sum, { made }) => sum + made, 0), cycle: cycleOf(own) };
  });
}

function productsOf(made: Made["products"], plan: readonly Planned[]): PaceView["products"] {
  const planned = plan.flatMap(({ product, units }) => {
    if (product === null) return [];
    return [{ product, units, made: made.find((one) => one.product === product)?.made ?? 0 }];
  });
  const others = made.filter(({ product }) => plan.every((one) => one.product !== product));
  return [...planned, ...others.map((one) => ({ ...one, units: null }))];
}

interface MadeOf {
  readonly product: string;
  readonly made: number;
}

/** Units that count for a plan: of the products that it names, or of all. */
const countsFor = (products: readonly MadeOf[], plan: readonly Planned[]): number =>
  products
    .filter(
      ({ product }) =>
        plan.length === 0 || plan.some((one) => one.product === null || one.product === product),
    )
    .reduce((sum, { made }) => sum + made, 0);

/** How long a shift is without its breaks, and how much of that is over; milliseconds. */
export interface Times {
  readonly whole: Span;
  readonly breaks: readonly Span[];
  readonly workingMs: number;
  readonly workedMs: number;
}

export function timesOf({ from, to, breaks: pauses, now }: ShiftOnDay): Times {
  const whole = { from: from.getTime(), to: to.getTime() };
  const breaks = pauses.map((pause) => ({ from: pause.from.getTime(), to: pause.to.getTime() }));
  const until = Math.min(Math.max(now.getTime(), whole.from), whole.to);
  return {
    whole,
    breaks,
    workingMs: workingMs(whole, breaks),
    workedMs: workingMs({ from: whole.from, to: until }, breaks),
  };
}

function againstPlan(
  plan: readonly Planned[],
  made: number,
  { workingMs: working, workedMs }: Times,
): PaceView["plan"] {
  const units = plan.reduce((sum, one) => sum + one.units, 0);
  if (units === 0 || working === 0) return null;
  const taktMs = working / units;
  // A shift of ten hours with a thousand units must not lose one of them to a rounded quotient.
  const due = Math.floor((units * workedMs) / working);
  return { units, taktMs, made, due, ahead: made - due, aheadMs: made * taktMs - workedMs };
}

/** How a shift stands against its plan; null where it has none. */
export const standingOf = (
  shift: ShiftOnDay,
  plan: readonly Planned[],
  made: readonly MadeOf[],
): PaceView["plan"] => againstPlan(plan, countsFor(made, plan), timesOf(shift));

function bucketsOf(
  { whole, breaks, workingMs: working }: Times,
  made: Made["buckets"],
  units: number | null,
  timeZone: string,
): PaceView["buckets"] {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
  });
  const count = Math.ceil((whole.to - whole.from) / BUCKET_MS);
  return Array.from({ length: count }, (_, n) => {
    const from = whole.from + n * BUCKET_MS;
    const to = Math.min(from + BUCKET_MS, whole.to);
    return {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      label: clock.format(from),
      made: made.find(({ bucket }) => bucket === n)?.made ?? 0,
      planned: units === null ? null : (units * workingMs({ from, to }, breaks)) / working,
    };
  });
}

function projectedOf(
  { workingMs: working, workedMs }: Times,
  made: number,
  isOver: boolean,
): number | null {
  if (isOver || made < LEAST_UNITS || workedMs < LEAST_WORKED_MS) return null;
  return Math.round((made * working) / workedMs);
}

/** A shift's figures, with its plan where there is one. */
export function paceOf(
  shift: ShiftOnDay,
  timeZone: string,
  plan: readonly Planned[],
  made: Made,
): Omit<PaceView, "asOf" | "plant" | "line" | "timeZone"> {
  const times = timesOf(shift);
  const counting = countsFor(made.products, plan);
  const against = againstPlan(plan, counting, times);
  const span = ({ from, to }: { from: Date; to: Date }) => ({
    from: from.toISOString(),
    to: to.toISOString(),
  });
  return {
    shift: {
      name: shift.name,
      day: shift.day,
      ...span(shift),
      workingMs: times.workingMs,
      workedMs: times.workedMs,
      breaks: shift.breaks.map(span),
    },
    made: made.products.reduce((sum, one) => sum + one.made, 0),
    virtual: made.virtual,
    plan: against,
    products: productsOf(made.products, plan),
    cycle: cycleOf(made.nests),
    stations: stationsOf(made.nests),
    projected: projectedOf(times, counting, shift.now >= shift.to),
    buckets: bucketsOf(times, made.buckets, against?.units ?? null, timeZone),
  };
}
