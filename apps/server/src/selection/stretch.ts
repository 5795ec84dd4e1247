import { type AttemptSelection, called, FlashlineError } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

/** A stretch of time, as it was asked for. `from` and `to` are in ISO 8601; undefined: without a beginning, without an end. */
export interface Stretch {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whole days of the plant's calendar, a shift of its, or whatever times. */
  readonly kind: "days" | "shift" | "times";
}

/** A stretch with both ends. */
export type Bounded = Stretch & { readonly from: string; readonly to: string };

const Clock = z.object({
  /** Null: of all plants together. */
  plant: z.string().nullable(),
  timeZone: z.string(),
  shifts: z.array(z.object({ name: z.string(), start: z.string(), end: z.string() })),
  now: z.date(),
});
/** By whose midnight and shifts time is told, and what time it is. */
export type Clock = Readonly<z.infer<typeof Clock>>;

const CLOCK = statement(
  ["plant"],
  Clock,
  `
SELECT name AS plant, time_zone AS "timeZone", shifts, now() AS now FROM plant
 WHERE id = :plant::uuid OR (:plant::uuid IS NULL AND retired_at IS NULL AND (SELECT count(*) FROM plant WHERE retired_at IS NULL) = 1)
UNION ALL
SELECT NULL, 'UTC', '[]', now() WHERE :plant::uuid IS NULL AND (SELECT count(*) FROM plant WHERE retired_at IS NULL) <> 1`,
);

/** The clock of the plant with this id; of none the only plant's, and of several together UTC: each has its own midnight. */
export async function readClock(sql: Sql, plant: string | undefined): Promise<Clock> {
  const clock = await sql.row(CLOCK, { plant: plant ?? null });
  if (clock === undefined) throw new FlashlineError("internal.bug", "A plant is gone.");
  return clock;
}

const Times = z.object({ from: z.date(), to: z.date() });
type Times = z.infer<typeof Times>;

/** Local midnights that are so many days from the day, or from the Monday of the week, in which a time is. */
const DAYS = statement(
  ["unit", "at", "timeZone", "first", "days"],
  Times,
  `
SELECT (m.midnight + :first::int * interval '1 day') AT TIME ZONE :timeZone AS "from",
       (m.midnight + (:first::int + :days::int) * interval '1 day') AT TIME ZONE :timeZone AS "to"
  FROM (SELECT date_trunc(:unit, :at::timestamptz AT TIME ZONE :timeZone) AS midnight) m`,
);
/** A day by its name. */
const DAY = statement(
  ["day", "timeZone"],
  Times,
  `
SELECT :day::date::timestamp AT TIME ZONE :timeZone AS "from",
       (:day::date::timestamp + interval '1 day') AT TIME ZONE :timeZone AS "to"`,
);
/** A stretch so many days of the calendar earlier, at the same time of the clock. */
const EARLIER = statement(
  ["from", "to", "timeZone", "days"],
  Times,
  `
SELECT ((:from::timestamptz AT TIME ZONE :timeZone) - :days::int * interval '1 day') AT TIME ZONE :timeZone AS "from",
       ((:to::timestamptz AT TIME ZONE :timeZone) - :days::int * interval '1 day') AT TIME ZONE :timeZone AS "to"`,
);
/** All shifts that began on one of the days up to the one in which a time is, the latest first. A shift that ends before it begins ends on the next day. */
const SHIFTS = statement(
  ["shifts", "at", "timeZone", "daysBack"],
  Times.extend({ name: z.string() }),
  `
SELECT s.name, (d.day + s.start::time) AT TIME ZONE :timeZone AS "from",
       (d.day + CASE WHEN s."end"::time <= s.start::time THEN 1 ELSE 0 END + s."end"::time) AT TIME ZONE :timeZone AS "to"
  FROM jsonb_to_recordset(:shifts::jsonb) AS s(name text, start text, "end" text),
       LATERAL (SELECT (:at::timestamptz AT TIME ZONE :timeZone)::date - n AS day FROM generate_series(0, :daysBack::int) n) d
 ORDER BY 2 DESC`,
);

const WEEK = 7;
/** From which midnight, and how many days. */
const OF_DAYS = {
  today: { unit: "day", first: 0, days: 1 },
  yesterday: { unit: "day", first: -1, days: 1 },
  "this-week": { unit: "week", first: 0, days: WEEK },
  "last-week": { unit: "week", first: -WEEK, days: WEEK },
  "last-7-days": { unit: "day", first: 1 - WEEK, days: WEEK },
  "last-30-days": { unit: "day", first: -29, days: 30 },
} as const;

const iso = (kind: Stretch["kind"], { from, to }: Times): Bounded => ({
  from: from.toISOString(),
  to: to.toISOString(),
  kind,
});

const invalid = (message: string) => new FlashlineError("request.invalid", message);
const missing = (what: string) =>
  new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });

/** Shifts around a time, the latest first; one that began two days ago is over. */
const shiftsUntil = (sql: Sql, { shifts, timeZone }: Clock, at: Date) =>
  sql.rows(SHIFTS, { shifts: JSON.stringify(shifts), at, timeZone, daysBack: 2 });

/** The shift that ended last, up to this time. */
async function shiftBefore(sql: Sql, clock: Clock, at: Date): Promise<Bounded> {
  const ended = (await shiftsUntil(sql, clock, at))
    .filter(({ to }) => to <= at)
    .sort((a, b) => b.to.getTime() - a.to.getTime())[0];
  if (ended === undefined) throw missing("shift that has ended");
  return iso("shift", ended);
}

async function shiftNow(sql: Sql, clock: Clock): Promise<Bounded | undefined> {
  const { now } = clock;
  const on = (await shiftsUntil(sql, clock, now)).find(({ from, to }) => from <= now && now < to);
  return on && iso("shift", on);
}

/** The name of the plant whose shifts are meant. */
function mustHaveShifts({ plant, shifts }: Clock): string {
  if (plant === null) throw invalid("A shift needs plant: each plant has its own shifts.");
  if (shifts.length === 0) throw missing(`shift in ${called("plant", plant)}`);
  return plant;
}

async function ofDay(sql: Sql, clock: Clock, day: string, shift: string | undefined) {
  const { timeZone, shifts } = clock;
  const whole = await sql.row(DAY, { day, timeZone });
  if (whole === undefined) throw new FlashlineError("internal.bug", "A day has no row.");
  if (shift === undefined) return iso("days", whole);
  const plant = mustHaveShifts(clock);
  const values = { shifts: JSON.stringify(shifts), at: whole.from, timeZone, daysBack: 0 };
  const found = (await sql.rows(SHIFTS, values)).find(({ name }) => name === shift);
  if (found === undefined) throw missing(`shift ${shift} in ${called("plant", plant)}`);
  return iso("shift", found);
}

/** Throws `request.invalid` for a stretch that ends before it has begun: that nothing is in it would say nothing. */
export function mustBeInOrder(from: string | undefined, to: string | undefined): void {
  if (from === undefined || to === undefined || Date.parse(from) < Date.parse(to)) return;
  throw invalid("from must be before to.");
}

/** Refuses what says the time twice or the wrong way round, and a shift without its day. */
function mustBeOneStretch({ from, to, window, day, shift }: AttemptSelection): void {
  const ways = [from ?? to, window, day].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw invalid("Say the time once: by from and to, by window, or by day.");
  }
  if (shift !== undefined && day === undefined) {
    throw invalid("shift needs day: on which it began.");
  }
  mustBeInOrder(from, to);
}

/** What a selection says of time. Rejects with `request.invalid`, and with `request.not_found` where there is no such shift. */
export async function findStretch(
  sql: Sql,
  clockOf: () => Promise<Clock>,
  asked: AttemptSelection,
): Promise<Stretch> {
  mustBeOneStretch(asked);
  const { from, to, window, day, shift } = asked;
  if (day === undefined && window === undefined) return { from, to, kind: "times" };
  const clock = await clockOf();
  return window === undefined
    ? await ofDay(sql, clock, day ?? "", shift)
    : await ofWindow(sql, clock, window);
}

async function ofWindow(
  sql: Sql,
  clock: Clock,
  window: NonNullable<AttemptSelection["window"]>,
): Promise<Bounded> {
  if (window !== "this-shift" && window !== "last-shift") {
    const values = { ...OF_DAYS[window], at: clock.now, timeZone: clock.timeZone };
    const days = await sql.row(DAYS, values);
    if (days === undefined) throw new FlashlineError("internal.bug", "A day has no row.");
    return iso("days", days);
  }
  mustHaveShifts(clock);
  const on = await shiftNow(sql, clock);
  if (window === "last-shift") {
    return await shiftBefore(sql, clock, on === undefined ? clock.now : new Date(on.from));
  }
  if (on === undefined) throw missing("shift now");
  return on;
}

const DAY_MS = 86_400_000;

/** What a stretch is compared with: the same length of time right before, of a shift the one before, of days as many days. */
export async function stretchBefore(sql: Sql, clock: Clock, stretch: Bounded): Promise<Bounded> {
  const { from, to, kind } = stretch;
  const began = new Date(from);
  const length = Date.parse(to) - began.getTime();
  if (kind === "shift") return await shiftBefore(sql, clock, began);
  if (kind === "days") return await daysEarlier(sql, clock, stretch, Math.round(length / DAY_MS));
  return { from: new Date(began.getTime() - length).toISOString(), to: from, kind };
}

/** The same times of the clock, so many days of the calendar earlier. */
export async function daysEarlier(
  sql: Sql,
  { timeZone }: Clock,
  { from, to, kind }: Bounded,
  days: number,
): Promise<Bounded> {
  const times = await sql.row(EARLIER, { from, to, timeZone, days });
  if (times === undefined) throw new FlashlineError("internal.bug", "A day has no row.");
  return iso(kind, times);
}
