import type { Database } from "../../db/database.ts";
import { plannedAnew } from "../../db/planned.ts";
import { countAnew } from "./build.repository.ts";
import { SPANS } from "./columns.ts";
import { digestOf, type RowsDigest } from "./digest.repository.ts";
import { hasTouched, waitTurn } from "./progress.repository.ts";

const QUARTER_MS = SPANS.quarter * 1_000;
const DAY_MS = SPANS.day * 1_000;
/** So many quarters of an hour in one transaction. */
const MOST = 24;

/** What counting a day anew came to. */
export interface DayAnew {
  /** When it begins, in ISO 8601; days are in UTC. */
  readonly day: string;
  /** Rows of it now. */
  readonly rows: number;
  /** Whether they are those of before; null where attempts of it have changed meanwhile. */
  readonly same: boolean | null;
}

const isEqual = (a: RowsDigest, b: RowsDigest) => a.rows === b.rows && a.digest === b.digest;

/** Counts what is counted of a day anew, also beside servers that run. Answers are right meanwhile. `day` in milliseconds since 1970. */
export function countDayAnew(db: Database, day: number): Promise<DayAnew> {
  return plannedAnew(db, async (sql) => {
    const until = (await waitTurn(sql, 0))?.countedUntil ?? 0;
    const before = await digestOf(sql, day, day + DAY_MS);
    const end = Math.min(day + DAY_MS, until);
    for (let at = day; at < end; at += MOST * QUARTER_MS) {
      const length = Math.min(MOST, (end - at) / QUARTER_MS);
      const quarters = Array.from({ length }, (_, n) => at + n * QUARTER_MS);
      await countAnew(sql, quarters, until);
    }
    const after = await digestOf(sql, day, day + DAY_MS);
    const changed = await hasTouched(sql, day, day + DAY_MS);
    const same = isEqual(before, after) ? true : changed ? null : false;
    return { day: new Date(day).toISOString(), rows: after.rows, same };
  });
}

/** The first and the last day of which something is counted, milliseconds since 1970. Undefined: nothing is. */
async function countedDays(db: Database) {
  const progress = await db.transaction((sql) => waitTurn(sql, 0));
  if (progress === undefined || progress.first === null || progress.countedUntil === 0)
    return undefined;
  const dayOf = (at: number) => Math.floor(at / DAY_MS) * DAY_MS;
  return { first: dayOf(progress.first), last: dayOf(progress.countedUntil - 1) };
}

/** Compares counts with the attempts behind them, a day each time. `onWrong` hears of a day whose counts were wrong and are put right. */
export function countsCheck(db: Database, onWrong: (day: DayAnew) => void) {
  let next = 0;
  return async (): Promise<void> => {
    const range = await countedDays(db);
    if (range === undefined) return;
    const day = next < range.first || next > range.last ? range.first : next;
    next = day + DAY_MS;
    const anew = await countDayAnew(db, day);
    if (anew.same === false) onWrong(anew);
  };
}

/** What counting everything anew came to. */
export interface CountedAnew {
  readonly days: number;
  readonly rows: number;
  /** Days whose counts were wrong and are right now. */
  readonly wrong: readonly string[];
}

/** Counts everything that is counted ahead anew, day by day. */
export async function rebuildCounts(db: Database): Promise<CountedAnew> {
  const range = await countedDays(db);
  const done: DayAnew[] = [];
  for (let day = range?.first ?? 0; range !== undefined && day <= range.last; day += DAY_MS)
    done.push(await countDayAnew(db, day));
  return {
    days: done.length,
    rows: done.reduce((sum, { rows }) => sum + rows, 0),
    wrong: done.flatMap(({ day, same }) => (same === false ? [day] : [])),
  };
}
