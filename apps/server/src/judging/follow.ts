import { METHOD } from "@flashline/verdict";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { historyAfter, historyEnd, ledgerHead, type News, newsBetween } from "./news.repository.ts";
import { Populations, type Taken } from "./populations.ts";
import { keepProgress, type Progress, restartProgress, takeTurn } from "./progress.repository.ts";
import { everyHost, publish } from "./publish.repository.ts";
import { clearState, loadState, saveState } from "./state.repository.ts";
import { addSteps, tellFlags } from "./steps.repository.ts";

/** Positions of the ledger, or results from before it, that are read in one turn. */
const MOST = 1_000;

/** What one turn did. */
export interface Turn {
  /** False: another replica is at it. */
  readonly mine: boolean;
  /** There is more to read. */
  readonly more: boolean;
  /** Ids of hosts that show something else now. */
  readonly changed: readonly string[];
  /** Results that were counted. */
  readonly visits: number;
  /** The ledger up to here is in the state. */
  readonly position: number;
  /** What had been told before was worked out anew up to here, just now. */
  readonly caughtUp: boolean;
}

const NOT_MINE: Turn = {
  mine: false,
  more: false,
  changed: [],
  visits: 0,
  position: 0,
  caughtUp: false,
};

/** The state in memory, as it is after a turn. */
interface Known {
  readonly turn: number;
  readonly populations: Populations;
}

/** What comes next, and how far one has read after it. */
interface Read {
  readonly news: readonly News[];
  readonly progress: Progress;
  readonly more: boolean;
}

/** Results from before the ledger come first, then the ledger. */
async function readNext(sql: Sql, before: Progress): Promise<Read> {
  const until = before.historyUntil;
  if (until === null) {
    const { until: historyUntil, head } = await historyEnd(sql);
    // What happened before the verdict was built for the first time is no news to anybody. Built anew, it is silent up to where it was.
    const silentUntil = before.silentUntil > 0 ? before.silentUntil : head;
    return { news: [], progress: { ...before, historyUntil, silentUntil }, more: true };
  }
  if (!before.historyDone) {
    const { historyAt, historyId } = before;
    const after =
      historyAt === null || historyId === null ? null : { at: historyAt, id: historyId };
    const { news, last } = await historyAfter(sql, after, until, MOST);
    if (last === null) return { news, progress: { ...before, historyDone: true }, more: true };
    return { news, progress: { ...before, historyAt: last.at, historyId: last.id }, more: true };
  }
  const head = await ledgerHead(sql);
  const end = before.position < before.silentUntil ? Math.min(head, before.silentUntil) : head;
  const position = Math.min(end, before.position + MOST);
  if (position === before.position) return { news: [], progress: before, more: false };
  const news = await newsBetween(sql, before.position, position, until);
  return { news, progress: { ...before, position }, more: position < head };
}

const isSilent = ({ position, silentUntil, historyDone }: Progress): boolean =>
  !historyDone || position < silentUntil;

/**
 * Follows what happens: each result is taken into the verdict once, in the ledger's order, in one transaction with how far the ledger was
 * read. Any replica does it, one at a time. `worker` names this one.
 */
export function follower(db: Database, worker: string) {
  let known: Known | undefined;

  /** What another method made of the past is forgotten, and the past is read anew. */
  async function startAnew(sql: Sql, { position }: Progress): Promise<{ turn: Turn }> {
    await clearState(sql);
    await restartProgress(sql, METHOD);
    return { turn: { ...NOT_MINE, mine: true, more: true, position } };
  }

  async function work(sql: Sql, isPatient: boolean): Promise<{ turn: Turn; after?: Known }> {
    const before = await takeTurn(sql, worker, isPatient);
    if (before === undefined) return { turn: NOT_MINE };
    if (before.method !== METHOD && before.method !== 0) return await startAnew(sql, before);
    const { news, progress, more } = await readNext(sql, before);
    if (progress === before)
      return { turn: { ...NOT_MINE, mine: true, position: before.position } };
    const populations =
      known?.turn === before.turn ? known.populations : new Populations(await loadState(sql));
    // From here on it is not what the database has, until that is committed.
    known = undefined;
    const taken = populations.take(news, before.at);
    await saveState(sql, populations, taken.lessons);
    const caughtUp = isSilent(before) && !isSilent(progress);
    const tells = !isSilent(before);
    const keeps = tells || !before.replay;
    const changed = await show(sql, populations, taken, { tells, keeps, caughtUp });
    const number = before.turn + 1;
    await keepProgress(sql, worker, {
      ...progress,
      at: taken.at,
      turn: number,
      method: METHOD,
    });
    const { visits } = taken;
    const turn = { mine: true, more, changed, visits, position: progress.position, caughtUp };
    return { turn, after: { turn: number, populations } };
  }
  return {
    /** Takes in what comes next. `isPatient`: not where another replica worked just now. */
    async turn(isPatient = true): Promise<Turn> {
      const { turn, after } = await db.transaction((sql) => work(sql, isPatient));
      if (after !== undefined) known = after;
      return turn;
    },
  };
}

interface Showing {
  /** It happens now: steps are told. */
  readonly tells: boolean;
  /** Steps are written down. */
  readonly keeps: boolean;
  /** What was worked out in silence is shown now. */
  readonly caughtUp: boolean;
}

async function show(
  sql: Sql,
  populations: Populations,
  taken: Taken,
  { tells, keeps, caughtUp }: Showing,
): Promise<readonly string[]> {
  if (keeps) await addSteps(sql, taken.steps, tells);
  if (tells) await tellFlags(sql, taken.flags);
  if (!tells && !caughtUp) return [];
  const hosts = caughtUp ? everyHost(populations) : taken.touched;
  return await publish(sql, populations, hosts, taken.at, caughtUp);
}
