type Moment = string | number;

const cache = new Map<string, Intl.DateTimeFormat>();
function format(
  zone: string | undefined,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${zone ?? ""} ${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    hourCycle: "h23",
    ...options,
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  cache.set(key, made);
  return made;
}

const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;

/** "10:42:07", in the plant's zone where one is given. */
export function clock(at: Moment, zone?: string): string {
  return format(zone, TIME).format(new Date(at));
}

/** What is further away may have the day and month of another year, milliseconds. */
const NEAR_MS = 300 * 86_400_000;

/** "10:42:07" today, "19 Nov 10:42" earlier, "19 Nov 2025" where its day may be taken for one of this year; a table stays narrow. */
export function when(at: Moment, zone?: string, now: Moment = Date.now()): string {
  const date = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  if (date.format(new Date(at)) === date.format(new Date(now))) return clock(at, zone);
  if (Math.abs(Number(new Date(now)) - Number(new Date(at))) > NEAR_MS) return day(at, zone);
  return format(zone, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  })
    .format(new Date(at))
    .replace(",", "");
}

/** "20 Nov 2026, 10:42:07" for where nothing may be guessed. */
export function fullTime(at: Moment, zone?: string): string {
  return format(zone, { day: "numeric", month: "short", year: "numeric", ...TIME }).format(
    new Date(at),
  );
}

/** "20 Nov 2026". */
export function day(at: Moment, zone?: string): string {
  return format(zone, { day: "numeric", month: "short", year: "numeric" }).format(new Date(at));
}

/** "12 s ago", "5 min ago", "3 h ago", "2 days ago". */
export function ago(at: Moment, now: Moment = Date.now()): string {
  const seconds = Math.max(0, Math.round((Number(new Date(now)) - Number(new Date(at))) / 1000));
  if (seconds < 100) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
