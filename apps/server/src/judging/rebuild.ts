import { METHOD } from "@flashline/verdict";
import type { Database } from "../db/database.ts";
import { newId } from "../ids.ts";
import { follower } from "./follow.ts";
import { restartProgress, waitTurn } from "./progress.repository.ts";
import { clearState, stateDigest } from "./state.repository.ts";

/** How long a turn of another replica is waited for, milliseconds. */
const WAIT_MS = 200;

/** What working everything out anew came to. */
export interface Rebuilt {
  /** Results that were counted. Fewer than there are where a server that runs did some of it. */
  readonly visits: number;
  /** Whether the state is the one of before, byte for byte; null where a server that runs got there first. */
  readonly same: boolean | null;
}

interface Stand {
  readonly position: number;
  readonly digest: string;
}

const standOf = (db: Database): Promise<Stand> =>
  db.transaction(async (sql) => {
    const position = await waitTurn(sql);
    return { position, digest: await stateDigest(sql) };
  });

/**
 * Forgets all that the verdict learned and learns it again from what happened, also beside servers that run. `onTurn` hears how long each
 * transaction took, milliseconds.
 */
export async function rebuildVerdict(
  db: Database,
  onTurn: (ms: number) => void = () => {},
): Promise<Rebuilt> {
  const before = await db.transaction(async (sql): Promise<Stand> => {
    const position = await waitTurn(sql);
    const digest = await stateDigest(sql);
    await clearState(sql);
    await restartProgress(sql, METHOD);
    return { position, digest };
  });
  const follow = follower(db, newId());
  let visits = 0;
  let same: boolean | null = null;
  for (;;) {
    const began = performance.now();
    const turn = await follow.turn(false);
    onTurn(performance.now() - began);
    visits += turn.visits;
    if (turn.caughtUp && turn.position === before.position) {
      const after = await standOf(db);
      if (after.position === before.position) same = after.digest === before.digest;
    }
    if (turn.mine && !turn.more) return { visits, same };
    if (!turn.mine) await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}
