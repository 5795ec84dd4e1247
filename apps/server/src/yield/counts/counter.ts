import type { Database } from "../../db/database.ts";
import { plannedAnew } from "../../db/planned.ts";
import { countAnew } from "./build.repository.ts";
import { SPANS } from "./columns.ts";
import {
  type CountProgress,
  countedUntil,
  haveEnded,
  nextTransaction,
  takeTouched,
  takeTurn,
  touchQuarters,
  watchUntil,
} from "./progress.repository.ts";

const QUARTER_MS = SPANS.quarter * 1_000;
/** A quarter of an hour is counted so long after its end, when most of its attempts are told. Milliseconds. */
const LAG_MS = 10 * 60_000;
/** So many quarters of an hour at most are counted in one transaction: at ten million attempts in ninety days about 28,000 attempts. */
const MOST = 24;
/** Of so many days at most, each of which is added up anew. */
const MOST_DAYS = 4;
/** What has changed is taken so much at a time. Most of it names a quarter that something else named too. */
const MOST_TOUCHED = 500;
/** Where something takes longer than a statement may, half as much of it is tried, down to this part. */
const LEAST_PART = 1 / MOST_TOUCHED;
/** How long transactions are waited for that began before changes of a time were noted, and how often it is looked, milliseconds. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 20;

/** As many of these quarters of an hour as are counted at once. Milliseconds since 1970, the earliest first. */
function firstOf(quarters: readonly number[], most: number): readonly number[] {
  const days = new Set<number>();
  const end = quarters.findIndex((at, n) => {
    days.add(Math.floor(at / (SPANS.day * 1_000)));
    return n === most || days.size > MOST_DAYS;
  });
  return end === -1 ? quarters : quarters.slice(0, end);
}

/** Counts attempts ahead. Any replica does it, one at a time. */
export interface YieldCounter {
  /** Counts what has changed, then what comes next. Resolves to whether there is more to do now. */
  turn(): Promise<boolean>;
}

/** What comes next: from the end of what is counted, or from the first attempt of all. Undefined: nothing yet. */
function nextOf({ countedUntil: counted, first, now }: CountProgress, most: number) {
  if (first === null) return undefined;
  const from = counted === 0 ? first : counted;
  const to = Math.min(from + most * QUARTER_MS, now);
  return to > from ? { from, to } : undefined;
}

export function yieldCounter(db: Database, lagMs: number = LAG_MS): YieldCounter {
  let part = 1;
  const partOf = (most: number) => Math.max(1, Math.floor(most * part));

  /** Counts what has changed before the end of what is counted: later times are not counted at all yet. */
  const again = () =>
    plannedAnew(db, async (sql) => {
      const progress = await takeTurn(sql, lagMs);
      if (progress === undefined) return false;
      const touched = await takeTouched(sql, partOf(MOST_TOUCHED));
      const own = touched.filter((at) => at < progress.countedUntil);
      const now = firstOf(own, partOf(MOST));
      if (now.length < own.length) await touchQuarters(sql, own.slice(now.length));
      await countAnew(sql, now, progress.countedUntil);
      return touched.length > 0;
    });

  /** From here on changes of the next times are noted. Undefined: there are none, or another replica is at it. */
  const watch = () =>
    db.transaction(async (sql) => {
      const progress = await takeTurn(sql, lagMs);
      const next = progress && nextOf(progress, partOf(MOST));
      if (progress === undefined || next === undefined) return undefined;
      if (next.to > progress.watchedUntil) await watchUntil(sql, next.to);
      return next;
    });

  /** Waits until nobody writes who did not know that changes are noted. False: somebody takes long. */
  async function allKnow(): Promise<boolean> {
    const next = await nextTransaction(db.sql);
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
      if (await haveEnded(db.sql, next)) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }

  const onward = ({ from, to }: { from: number; to: number }) =>
    plannedAnew(db, async (sql) => {
      const progress = await takeTurn(sql, lagMs);
      // Another replica was faster.
      if (progress === undefined || nextOf(progress, partOf(MOST))?.from !== from) return false;
      if (to > progress.watchedUntil) return false;
      const quarters = Array.from(
        { length: (to - from) / QUARTER_MS },
        (_, n) => from + n * QUARTER_MS,
      );
      await countAnew(sql, quarters, to);
      await countedUntil(sql, to);
      return true;
    });

  async function turn(): Promise<boolean> {
    if (await again()) return true;
    const next = await watch();
    if (next === undefined || !(await allKnow())) return false;
    return await onward(next);
  }

  return {
    async turn() {
      try {
        const isMore = await turn();
        part = Math.min(1, part * 2);
        return isMore;
      } catch (error) {
        part = Math.max(LEAST_PART, part / 2);
        throw error;
      }
    },
  };
}
