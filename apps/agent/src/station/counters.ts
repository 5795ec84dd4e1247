import type { JournaledAttempt } from "../journal/fold.ts";

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

/** Counts what this station showed on the plant's day that holds `now`. `timeZone` is an IANA name. */
export function countersOf(
  finished: readonly JournaledAttempt[],
  now: number,
  timeZone: string | undefined,
): Counters {
  const dayOf = dayIn(timeZone);
  const today = dayOf.format(now);
  const units = finished.flatMap(({ summary, endedAt }) =>
    summary === undefined || endedAt === undefined || summary.golden === true
      ? []
      : [{ ...summary, at: endedAt }],
  );
  const ofToday = units.filter(({ at }) => dayOf.format(Date.parse(at)) === today);
  const passed = ofToday.filter(({ outcome }) => outcome === "PASS").length;
  return {
    today: { passed, failed: ofToday.length - passed },
    last: units
      .slice(-LAST)
      .reverse()
      .map(({ serial, nest, outcome, durationMs, at }) => ({
        serial,
        nest,
        outcome,
        durationMs,
        at,
      })),
  };
}

function dayIn(timeZone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-CA", { ...(timeZone === undefined ? {} : { timeZone }) });
  } catch {
    // This PC's tables do not know the zone. The PC's own zone is the best that is left.
    return new Intl.DateTimeFormat("en-CA");
  }
}
