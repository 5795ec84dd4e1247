import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Span = z.object({ from: z.coerce.date(), to: z.coerce.date() });
const ShiftOnDay = z.object({
  name: z.string(),
  day: z.string(),
  from: z.date(),
  to: z.date(),
  breaks: z.array(Span),
  now: z.date(),
});
/** A shift as it is on one day of the plant's calendar, with its breaks in order; none of them is outside it. */
export type ShiftOnDay = Readonly<z.infer<typeof ShiftOnDay>>;

/**
 * Times of the clock are laid on the day first and told in UTC after: so a shift in which the clock is changed has its true length. A break
 * that the clock leaps over is left out.
 */
const SHIFTS = statement(
  ["plantId", "first", "last", "at"],
  ShiftOnDay,
  `
SELECT s.name, to_char(d.day, 'YYYY-MM-DD') AS day, t."from", t."to", t.now,
       (SELECT coalesce(json_agg(json_build_object('from', greatest(x.begins, t."from"), 'to', least(x.ends, t."to")) ORDER BY x.begins), '[]')
          FROM jsonb_to_recordset(coalesce(s.breaks, '[]')) AS b(start text, "end" text)
         CROSS JOIN LATERAL (SELECT d.day + CASE WHEN b.start::time < s.start::time THEN 1 ELSE 0 END AS date) on_
         CROSS JOIN LATERAL (
          SELECT (on_.date + b.start::time) AT TIME ZONE p.time_zone AS begins,
                 (on_.date + CASE WHEN b."end"::time <= b.start::time THEN 1 ELSE 0 END + b."end"::time) AT TIME ZONE p.time_zone AS ends) x
         WHERE greatest(x.begins, t."from") < least(x.ends, t."to")) AS breaks
  FROM plant p
 CROSS JOIN jsonb_to_recordset(p.shifts) AS s(name text, start text, "end" text, breaks jsonb)
 CROSS JOIN LATERAL (SELECT coalesce(:at::timestamptz, now()) AS now) n
 CROSS JOIN LATERAL (
  SELECT g::date AS day FROM generate_series(coalesce(:first::date, (n.now AT TIME ZONE p.time_zone)::date - 1)::timestamp,
                                             coalesce(:last::date, (n.now AT TIME ZONE p.time_zone)::date)::timestamp, interval '1 day') g) d
 CROSS JOIN LATERAL (
  SELECT (d.day + s.start::time) AT TIME ZONE p.time_zone AS "from", n.now,
         (d.day + CASE WHEN s."end"::time <= s.start::time THEN 1 ELSE 0 END + s."end"::time) AT TIME ZONE p.time_zone AS "to") t
 WHERE p.id = :plantId::uuid ORDER BY t."from" DESC`,
);

/** All shifts that begin on these days, both included. */
export const shiftsOfDays = (sql: Sql, plantId: string, first: string, last: string) =>
  sql.rows(SHIFTS, { plantId, first, last, at: null });

/** The plant's shift of this name on a day. */
export async function shiftOfDay(
  sql: Sql,
  plantId: string,
  day: string,
  name: string,
  at: Date | undefined,
): Promise<ShiftOnDay | undefined> {
  const values = { plantId, first: day, last: day, at: at ?? null };
  return (await sql.rows(SHIFTS, values)).find((shift) => shift.name === name);
}

/** The shift that is on; of several the one that began last. */
export async function shiftNow(
  sql: Sql,
  plantId: string,
  at: Date | undefined,
): Promise<ShiftOnDay | undefined> {
  const values = { plantId, first: null, last: null, at: at ?? null };
  return (await sql.rows(SHIFTS, values)).find(({ from, to, now }) => from <= now && now < to);
}
