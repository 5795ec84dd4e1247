import type { JournaledAttempt } from "../journal/fold.ts";
import type { Journal } from "../journal/journal.ts";

export interface LastUnit {
  readonly serial: string;
  readonly nest: string;
  readonly outcome: "PASS" | "FAIL";
  readonly durationMs: number;
  readonly at: string;
}

export interface Counters {
  readonly today: { readonly passed: number; readonly failed: number };
  /** Newest first. */
  readonly last: readonly LastUnit[];
}

const LAST = 8;

/** A day of a plant as two instants in ISO time, the second no part of it. */
export interface Day {
  readonly from: string;
  readonly to: string;
}

/** Counts what this station showed on the day. */
function countersOf(finished: readonly JournaledAttempt[], { from, to }: Day): Counters {
  let passed = 0;
  let failed = 0;
  const last: LastUnit[] = [];
  for (let index = finished.length - 1; index >= 0; index -= 1) {
    const { summary, endedAt: at } = finished[index] ?? {};
    if (summary === undefined || at === undefined || summary.golden === true) continue;
    const { serial, nest, outcome, durationMs } = summary;
    if (last.length < LAST) last.push({ serial, nest, outcome, durationMs, at });
    if (at < from || at >= to) continue;
    if (outcome === "PASS") passed += 1;
    else failed += 1;
  }
  return { today: { passed, failed }, last };
}

/** The counters as they are now. Counted anew when a unit has ended or a day has begun: the page asks many times a second. */
export function createCounters(
  journal: Pick<Journal, "finished">,
  timeZone: () => string | undefined,
  now: () => number = Date.now,
): () => Counters {
  let day: (Day & { readonly zone: string | undefined }) | undefined;
  let counted:
    | { readonly of: readonly JournaledAttempt[]; readonly counters: Counters }
    | undefined;
  return () => {
    const [at, zone] = [now(), timeZone()];
    const iso = new Date(at).toISOString();
    if (day === undefined || day.zone !== zone || iso < day.from || iso >= day.to) {
      day = { ...dayOf(at, zone), zone };
      counted = undefined;
    }
    const finished = journal.finished();
    if (counted?.of !== finished) {
      counted = { of: finished, counters: countersOf(finished, day) };
    }
    return counted.counters;
  };
}

/** No day is longer: one on which clocks are set back has 25 hours. */
const LONGEST_DAY_MS = 26 * 3_600_000;

/** The day that holds `now`, milliseconds. `timeZone` is an IANA name; undefined: the PC's own. */
export function dayOf(now: number, timeZone: string | undefined): Day {
  const dates = datesIn(timeZone);
  const today = dates.format(now);
  const isToday = (at: number) => dates.format(at) === today;
  const from = firstWhere(now - LONGEST_DAY_MS, now, isToday);
  const to = firstWhere(now, now + LONGEST_DAY_MS, (at) => !isToday(at));
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** The first millisecond above `low` for which it holds, as it does for `high` and for all in between. */
function firstWhere(low: number, high: number, holds: (at: number) => boolean): number {
  let [no, yes] = [low, high];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

function datesIn(timeZone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-CA", { ...(timeZone === undefined ? {} : { timeZone }) });
  } catch {
    // This PC's tables do not know the zone. The PC's own zone is the best that is left.
    return new Intl.DateTimeFormat("en-CA");
  }
}
