import type { Sql } from "../../db/sql.ts";
import { passesOf } from "../../plan/pace.repository.ts";
import { standingOf } from "../../plan/pace.ts";
import { type PlannedShift, plansOfPlant } from "../../plan/plans.repository.ts";
import { type ShiftOnDay, shiftsOfDays } from "../../plan/shifts.repository.ts";
import { behindOf } from "../causes/lines.ts";
import type { WouldBe } from "./replay.ts";

type Settings = Readonly<Record<string, number>>;

/** A shift is looked at this often, milliseconds: what is due changes by the minute of work. */
const STEP_MS = 60_000;
const DAY_MS = 86_400_000;
/** A trial reads no more units than these, of the latest shifts. */
const MOST_UNITS = 100_000;

interface Pass {
  readonly product: string;
  readonly at: Date;
}

/** Alarms of one shift of a line, by what the server knew of its units then. */
function ofShift(
  shift: ShiftOnDay,
  { line, plan }: PlannedShift,
  passes: readonly Pass[],
  settings: Settings,
  now: number,
): readonly WouldBe[] {
  const all: WouldBe[] = [];
  const made = new Map<string, number>();
  let next = 0;
  let open: WouldBe | undefined;
  const end = Math.min(shift.to.getTime(), now);
  for (let at = shift.from.getTime(); at < end; at += STEP_MS) {
    for (let pass = passes[next]; pass !== undefined && pass.at.getTime() <= at; ) {
      made.set(pass.product, (made.get(pass.product) ?? 0) + 1);
      next += 1;
      pass = passes[next];
    }
    const products = [...made].map(([product, units]) => ({ product, made: units }));
    const behind = behindOf(standingOf({ ...shift, now: new Date(at) }, plan, products), settings);
    if (behind === undefined) {
      if (open !== undefined) open.until = at;
      open = undefined;
    } else if (behind.raises && open === undefined) {
      const { parameters } = behind;
      open = { kind: "line", name: line, at, until: null, parameters };
      all.push(open);
    }
  }
  if (open !== undefined && end === shift.to.getTime()) open.until = end;
  return all;
}

export interface TriedLines {
  /** Since when plans were looked at: later than was asked for where there were very many units. */
  readonly from: Date;
  /** In the order in which they would have been raised. */
  readonly alarms: readonly WouldBe[];
}

/** Alarms that there would have been of a plant's lines: by its shifts and breaks as they are now, and the plans as they were set last. */
export async function tryLines(
  sql: Sql,
  plantId: string,
  settings: Settings,
  from: Date,
  to: Date,
  most = MOST_UNITS,
): Promise<TriedLines> {
  // A day more at both ends: days are the plant's, by its clock.
  const [first, last] = [from.getTime() - DAY_MS, to.getTime() + DAY_MS].map((at) =>
    new Date(at).toISOString().slice(0, 10),
  ) as [string, string];
  const shifts = new Map(
    (await shiftsOfDays(sql, plantId, first, last)).map((shift) => [
      `${shift.day} ${shift.name}`,
      shift,
    ]),
  );
  const planned = (await plansOfPlant(sql, { plantId, first, last })).flatMap((of) => {
    const shift = shifts.get(`${of.day} ${of.shift}`);
    return shift !== undefined && shift.from >= from && shift.from < to ? [{ of, shift }] : [];
  });
  const alarms: WouldBe[] = [];
  let read = 0;
  let since = from;
  for (const { of, shift } of planned.sort((a, b) => +b.shift.from - +a.shift.from)) {
    const passes = await passesOf(sql, shift.from, shift.to, of.lineId);
    read += passes.length;
    if (read > most) {
      since = shift.to;
      break;
    }
    alarms.push(...ofShift(shift, of, passes, settings, to.getTime()));
  }
  return {
    from: since,
    alarms: alarms.filter(({ at }) => at >= since.getTime()).sort((a, b) => a.at - b.at),
  };
}
