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
