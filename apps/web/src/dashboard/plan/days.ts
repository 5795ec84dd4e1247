const DAY_MS = 86_400_000;

/** A day of the calendar, "2026-11-30", so many days later. */
export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);

/** Today where the plant is; by the browser's clock while the zone is not known. */
export const todayIn = (zone: string | undefined, now = Date.now()): string =>
  new Intl.DateTimeFormat("sv-SE", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(now);

/** So many days are set at once at most. */
export const MOST_DAYS = 366;

/** Whether a field has a whole date in it: while one is typed it has none. */
export const isDay = (text: string): boolean =>
  /^2[01]\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

/**
 * Days from one to another, both included; of Saturdays and Sundays only where they are wanted. None where one of them is no day, or
 * where they are further apart than {@link MOST_DAYS}.
 */
export function daysBetween(first: string, last: string, withWeekends: boolean): readonly string[] {
  if (!isDay(first) || !isDay(last) || addDays(first, MOST_DAYS) <= last) return [];
  const days: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) {
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
    if (withWeekends || (weekday !== 0 && weekday !== 6)) days.push(day);
  }
  return days;
}

/** "Tue 24 Nov 2026". */
export const dayWords = (day: string): string =>
  new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  })
    .format(Date.parse(`${day}T00:00:00Z`))
    .replace(",", "");
