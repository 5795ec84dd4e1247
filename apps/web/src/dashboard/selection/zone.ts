/** How far a zone's clock is ahead of UTC at a time, milliseconds. */
function aheadOf(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    ...({ year: "numeric", month: "numeric", day: "numeric" } as const),
    ...({ hour: "numeric", minute: "numeric", second: "numeric" } as const),
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const shown = Date.UTC(
    ...([of("year"), of("month") - 1, of("day")] as const),
    ...([of("hour"), of("minute"), of("second")] as const),
  );
  return shown - Math.floor(at / 1000) * 1000;
}

/** The time of a day's midnight in a zone, of "2026-11-24", milliseconds. */
function midnight(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const guess = utc - aheadOf(zone, utc);
  // The clock may have been changed between the guess and the midnight.
  return utc - aheadOf(zone, guess);
}

const DAY_MS = 86_400_000;
const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);

/** Days of a zone's calendar, the first and the last included, as times. */
export const daysBetween = (
  first: string,
  last: string,
  zone: string,
): { readonly from: string; readonly to: string } => ({
  from: new Date(midnight(first, zone)).toISOString(),
  to: new Date(midnight(dayAfter(last), zone)).toISOString(),
});

/** A day of a plant's calendar. */
export interface PlantDay {
  /** "2026-11-24". */
  readonly day: string;
  /** "Tue 24 Nov". */
  readonly name: string;
  /** Whether its time of day, "22:00", is over by the plant's clock. */
  readonly begins: (time: string) => boolean;
}

/** The last so many days of a zone's calendar with today, the latest first. */
export function lastDays(count: number, zone: string, now = Date.now()): readonly PlantDay[] {
  // The zone's own calendar and clock, as if they were those of UTC.
  const here = now + aheadOf(zone, now);
  const clock = new Date(here).toISOString().slice(11, 16);
  return Array.from({ length: count }, (_, back) => {
    const at = here - back * DAY_MS;
    return {
      day: new Date(at).toISOString().slice(0, 10),
      name: NAMED.format(at).replace(",", ""),
      begins: (time) => back > 0 || time <= clock,
    };
  });
}
const NAMED = new Intl.DateTimeFormat("en-GB", {
  ...({ timeZone: "UTC", weekday: "short", day: "numeric", month: "short" } as const),
});
