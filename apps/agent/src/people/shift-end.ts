/** By the plant's clock, "06:00". */
export interface Shift {
  readonly start: string;
  readonly end: string;
}

/** Who comes so much before a shift begins works in it, minutes. */
const EARLY_MINUTES = 15;
const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;

const minutesOf = (time: string): number => {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
};

/** Minutes from `a` to the next `b`, by a clock of a day. */
const ahead = (a: number, b: number): number => (b - a + DAY_MINUTES) % DAY_MINUTES;

function clockIn(timeZone: string): (at: number) => number {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const inZone = (zone: string | undefined) =>
    new Intl.DateTimeFormat("en-GB", {
      ...format,
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
  let clock: Intl.DateTimeFormat;
  try {
    clock = inZone(timeZone);
  } catch {
    // This PC's tables do not know the zone. The PC's own zone is the best that is left.
    clock = inZone(undefined);
  }
  return (at) => minutesOf(clock.format(at));
}

/**
 * When the shift ends in which somebody works who came at `since`, both in milliseconds of wall time; null where it is no shift's time. Of
 * shifts that overlap it is the one that lasts longer. `timeZone` is an IANA name; the end is by its clock also when the clock changes in
 * between.
 */
export function shiftEndAfter(
  since: number,
  shifts: readonly Shift[],
  timeZone: string,
): number | null {
  const clock = clockIn(timeZone);
  const came = clock(since);
  const lasts = shifts.flatMap(({ start, end }) => {
    const [from, to] = [minutesOf(start), minutesOf(end)];
    const length = ahead(from, to) || DAY_MINUTES;
    const [before, into] = [ahead(came, from), ahead(from, came)];
    if (into < length) return [length - into];
    return before <= EARLY_MINUTES ? [before + length] : [];
  });
  if (lasts.length === 0) return null;
  const minutes = Math.max(...lasts);
  const rough = Math.floor(since / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS;
  const wanted = (came + minutes) % DAY_MINUTES;
  const late = ahead(wanted, clock(rough));
  // The clock was changed by an hour or so meanwhile.
  const off = late > DAY_MINUTES / 2 ? late - DAY_MINUTES : late;
  return rough - off * MINUTE_MS;
}
