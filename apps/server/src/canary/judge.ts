import { describeEvidence } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { ofServer } from "../ledger/origin.ts";
import {
  type Evidence,
  eValue,
  firstBlock,
  PAUSE_AT,
  SAME_TIME_MS,
  withBlock,
} from "./evidence.ts";
import {
  forgetOldest,
  gather,
  keepEvidence,
  knownUntil,
  type LockedCanary,
  lockToJudge,
  MOST_KEPT,
  olderThan,
  runningCanaries,
  takeBlock,
  waitingOf,
} from "./judge.repository.ts";
import { evidenceView, pauseOn } from "./repository.ts";

/** How often canaries are looked at, milliseconds. A result is judged within this and the time that a look takes. */
const LOOK_MS = 500;
/** How often it is asked whether there is one, milliseconds: a unit of a new one is not flashed much sooner. */
const NONE_MS = 1_500;

/** Judges canaries by their results, again and again. Every replica does; a canary's row is locked by one at a time. */
export interface Judge {
  /** Looks at once: true where a canary was paused. */
  look(): Promise<boolean>;
  start(): void;
  /** Waits for a look that runs. */
  close(): Promise<void>;
}

/** Closes as many blocks as there are, and none after the one that decides. Of all attempts that began before `until` the end is known. */
async function judged(sql: Sql, canary: LockedCanary, until: Date): Promise<Evidence> {
  const { releaseId } = canary;
  let evidence: Evidence = canary;
  for (;;) {
    const trials = await waitingOf(sql, releaseId, until);
    const begins = trials.find(({ isCanary }) => isCanary)?.at ?? until.getTime();
    const { older, kept } = await olderThan(sql, releaseId, new Date(begins - SAME_TIME_MS));
    const closing = firstBlock(trials, older, until.getTime());
    if (closing === null) {
      if (kept > MOST_KEPT) await forgetOldest(sql, releaseId);
      return evidence;
    }
    const block = await takeBlock(sql, releaseId, evidence.blocks + 1, closing);
    if (block === undefined) return evidence;
    evidence = withBlock(evidence, block);
    await keepEvidence(sql, releaseId, evidence);
    if (eValue(evidence) >= PAUSE_AT) return evidence;
  }
}

/** `onPaused` hears of a canary after it was paused by its evidence, `onError` of a look that failed: the next one is soon. */
export function canaryJudge(
  db: Database,
  onPaused: (releaseId: string) => void,
  onError: (error: unknown) => void,
): Judge {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  let waitMs = NONE_MS;

  const judgeOne = (releaseId: string): Promise<boolean> =>
    db.transaction(async (sql) => {
      const canary = await lockToJudge(sql, releaseId);
      if (canary === undefined) return false;
      const until = await knownUntil(sql, releaseId);
      await gather(sql, releaseId);
      const evidence = await judged(sql, canary, until);
      if (eValue(evidence) < PAUSE_AT) return false;
      const reason = describeEvidence(evidenceView(evidence, 0), canary.predecessor);
      return await pauseOn(sql, releaseId, reason, ofServer("canary"));
    });

  async function look(): Promise<boolean> {
    let paused = false;
    const canaries = await runningCanaries(db.sql);
    waitMs = canaries.length === 0 ? NONE_MS : LOOK_MS;
    for (const releaseId of canaries) {
      if (!(await judgeOne(releaseId))) continue;
      paused = true;
      onPaused(releaseId);
    }
    return paused;
  }
  function later(): void {
    timer = setTimeout(() => {
      running = look()
        .catch(onError)
        .then(() => {
          if (!closed) later();
        });
    }, waitMs);
  }
  return {
    look,
    start: later,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
