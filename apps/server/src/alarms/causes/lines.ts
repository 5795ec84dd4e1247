import type { PaceView } from "@flashline/contract";
import type { Sql } from "../../db/sql.ts";
import { countsOf } from "../../plan/pace.repository.ts";
import { standingOf } from "../../plan/pace.ts";
import { type PlannedShift, plansOfPlant } from "../../plan/plans.repository.ts";
import { type ShiftOnDay, shiftNow } from "../../plan/shifts.repository.ts";
import type { Found, ScopeSettings, Source } from "./source.ts";

type Settings = ScopeSettings["settings"];

const MINUTE_MS = 60_000;

/**
 * How far a line is behind, where that is at least half of both limits: less than that ends an alarm, so that a line that moves about its limit
 * makes one alarm.
 */
export function behindOf(plan: PaceView["plan"], { units = 1, minutes = 1 }: Settings) {
  if (plan === null) return undefined;
  const [behind, ms] = [-plan.ahead, -plan.aheadMs];
  const isBeyond = (part: number): boolean =>
    behind >= units * part && ms >= minutes * MINUTE_MS * part;
  if (!isBeyond(1 / 2)) return undefined;
  return {
    raises: isBeyond(1),
    parameters: {
      behind,
      minutes: Math.floor(ms / MINUTE_MS),
      made: plan.made,
      due: plan.due,
    },
  };
}

async function lineBehind(
  sql: Sql,
  { scope, settings }: ScopeSettings,
  shift: ShiftOnDay,
  { lineId, line, plan }: PlannedShift,
): Promise<Found | undefined> {
  // Most of a shift's lines need no look at attempts in its first minutes: not even a line that made nothing is far behind.
  if (behindOf(standingOf(shift, plan, []), settings) === undefined) return undefined;
  const made = await countsOf(sql, shift.from, shift.to, lineId);
  const behind = behindOf(standingOf(shift, plan, made), settings);
  if (behind === undefined) return undefined;
  return {
    rule: "line.behind",
    scope,
    stationId: null,
    ...behind,
    subjectKind: "line",
    subjectId: lineId,
    subjectName: line,
  };
}

/** Lines that are far behind the plan of the shift that is on. `at`: as if it was this time. */
export const linesBehind = (at?: Date): Source => ({
  rule: "line.behind",
  changesWith: "time",
  async find(sql, scopes) {
    const found: Found[] = [];
    for (const of of scopes) {
      const shift = await shiftNow(sql, of.scope, at);
      if (shift === undefined) continue;
      const day = { plantId: of.scope, first: shift.day, last: shift.day };
      for (const planned of await plansOfPlant(sql, day, shift.name)) {
        const one = await lineBehind(sql, of, shift, planned);
        if (one !== undefined) found.push(one);
      }
    }
    return found;
  },
});
