import { isDeepStrictEqual } from "node:util";
import { describeTrial, FlashlineError, type TrialView } from "@flashline/contract";
import {
  CONTROL_OF,
  type ControlBlock,
  evidenceAgainst,
  GIVEN_UP_FROM,
  type Pair,
  standingOf,
} from "@flashline/verdict";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { nameOfKind } from "./kind.ts";
import {
  allTrials,
  keepTrial,
  lockTrial,
  restartTrial,
  type Shown,
  shownIn,
  type Trial,
  viewOf,
} from "./trial.repository.ts";

/** What attempts showed, by release and by so many places together, each list in the order in which results came in. */
function grouped(shown: readonly Shown[], places: number): readonly (readonly Shown[])[] {
  const groups = new Map<string, readonly Shown[]>();
  for (const one of shown) {
    const key = `${one.releaseId} ${Math.floor(one.place / places)}`;
    const group = groups.get(key) ?? [];
    // It stands where its latest result came in.
    groups.delete(key);
    groups.set(key, [...group, one]);
  }
  return [...groups.values()];
}

/** Pairs of which both results are there. */
function pairsOf(shown: readonly Shown[]): readonly Pair[] {
  return grouped(shown, 2).flatMap((group) => {
    const standard = group.find(({ profile }) => profile === "standard");
    const gentle = group.find(({ profile }) => profile === "gentle");
    return standard === undefined || gentle === undefined ? [] : { standard, gentle };
  });
}

const shareOf = (shown: readonly Shown[]) => ({
  units: shown.length,
  incidents: shown.filter(({ incident }) => incident).length,
});

const byProfile = (shown: readonly Shown[]): ControlBlock => ({
  standard: shareOf(shown.filter(({ profile }) => profile === "standard")),
  gentle: shareOf(shown.filter(({ profile }) => profile === "gentle")),
});

/** Blocks whose results are all there. */
const blocksOf = (shown: readonly Shown[]): readonly ControlBlock[] =>
  grouped(shown, CONTROL_OF)
    .filter((group) => group.length === CONTROL_OF)
    .map(byProfile);

type Standing = Pick<Trial, "state" | "figures" | "since">;

/** Where a trial stands after what its attempts showed. */
export function standAfter({ state, figures, since }: Standing, shown: readonly Shown[]): Standing {
  if (state === "running") {
    const { figures: now, decision } = standingOf(pairsOf(shown));
    return { state: decision ?? "running", figures: now, since: null };
  }
  if (state === "standard") return { state, figures, since };
  const isGivenUp = evidenceAgainst(blocksOf(shown)) >= GIVEN_UP_FROM;
  return { state: isGivenUp ? "standard" : state, figures, since: byProfile(shown) };
}

async function tellDecided(sql: Sql, before: Trial, after: Trial): Promise<void> {
  const { controller, hub, family, virtual, state, figures } = after;
  await recordEvent(sql, {
    kind: "pacing.decided",
    by: ofServer("pacing"),
    plantId: after.plantId,
    subject: { id: after.id, name: nameOfKind(after) },
    before: { state: before.state },
    after: { state },
    reason: describeTrial(viewOf(after)),
    data: { controller, hub, family, virtual, state, figures },
  });
}

/** Looks at every trial that is not over. Answers whether one has been decided. */
export async function decideTrials(db: Database): Promise<boolean> {
  const trials = await allTrials(db.sql);
  let decided = false;
  for (const { id } of trials.filter(({ state }) => state !== "standard")) {
    decided =
      (await db.transaction(async (sql) => {
        const before = await lockTrial(sql, id);
        if (before === undefined) return false;
        const after = { ...before, ...standAfter(before, await shownIn(sql, before)) };
        // Most looks find nothing new.
        if (isDeepStrictEqual(after, before)) return false;
        const isDecided = after.state !== before.state;
        await keepTrial(sql, after, isDecided);
        if (isDecided) await tellDecided(sql, before, after);
        return isDecided;
      })) || decided;
  }
  return decided;
}

/** Begins a trial anew. Rejects with `request.not_found`. */
export const beginAnew = (
  db: Database,
  id: string,
  reason: string,
  by: Origin,
): Promise<TrialView> =>
  db.transaction(async (sql) => {
    const before = await lockTrial(sql, id);
    if (before === undefined)
      throw new FlashlineError("request.not_found", "There is no such trial.");
    await restartTrial(sql, id, standingOf([]).figures);
    const { controller, hub, family, virtual, plantId } = before;
    await recordEvent(sql, {
      kind: "pacing.begun",
      by,
      plantId,
      reason,
      subject: { id, name: nameOfKind(before) },
      before: { state: before.state },
      after: { state: "running" },
      data: { controller, hub, family, virtual },
    });
    const after = await lockTrial(sql, id);
    return viewOf(after ?? before);
  });
