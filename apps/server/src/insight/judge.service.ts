import { setImmediate as nextTurn } from "node:timers/promises";
import { describeGrounds } from "@flashline/contract";
import { type HostTables, judgeTables, tableMaker } from "../verdict/index.ts";
import type { HostsRepository } from "./hosts.repository.ts";

/** Hosts are judged by what they did in this time, milliseconds: fourteen days. */
const WINDOW_MS = 14 * 24 * 60 * 60_000;
/** Results that arrive within this time are judged together, milliseconds. */
const DEBOUNCE_MS = 1_000;
/** A judgement may take one part in so many of the time, however many attempts there are. */
const REST = 10;

export const windowStart = (now: Date): Date => new Date(now.getTime() - WINDOW_MS);

export interface JudgeService {
  /** Judges all hosts now, unless another replica is at it. Resolves to whether it did. */
  judge(): Promise<boolean>;
  /** Judges soon; many calls make one judgement. */
  ask(): void;
  /** Judges when results came in since this replica last did. */
  catchUp(): Promise<void>;
  /** Waits for a judgement that runs. */
  close(): Promise<void>;
}

/** `onJudged` hears of every judgement, `onError` of one that failed: the next result or minute tries again. */
export function judgeService(
  repository: HostsRepository,
  onJudged: (changed: readonly string[]) => void,
  onError: (error: unknown) => void,
): JudgeService {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let closed = false;
  let upTo: Date | null = null;
  let tookMs = 0;

  /** In small steps: requests that wait meanwhile would find their answers too late. */
  async function tablesSince(from: Date): Promise<readonly HostTables[]> {
    const maker = tableMaker();
    for await (const rows of repository.rows(from)) maker.add(rows);
    const made: HostTables[] = [];
    for (const tables of maker.tables()) {
      made.push(tables);
      await nextTurn();
    }
    return made;
  }
  async function judge(): Promise<boolean> {
    const began = performance.now();
    return await repository.alone(async () => {
      const newest = await repository.newest();
      const from = windowStart(new Date());
      const judged = judgeTables(await tablesSince(from)).map((found) => ({
        host: found.host,
        verdict: found.verdict,
        evidence: describeGrounds(found.grounds),
        figures: {
          units: found.units,
          incidents: found.incidents,
          failed: found.failed,
          expected: found.expected,
          pValue: found.p,
          adjustedP: found.adjustedP,
          ratio: found.ratio !== null && Number.isFinite(found.ratio) ? found.ratio : null,
          strata: found.strata.length,
          passedElsewhere: found.passedElsewhere,
          comparedUnits: found.compared.units,
          method: found.method,
          grounds: found.grounds,
        },
      }));
      const changed = await repository.store(judged);
      await repository.count(from);
      onJudged(changed);
      upTo = newest;
      tookMs = performance.now() - began;
    });
  }
  function later(): void {
    timer = setTimeout(
      () => {
        timer = undefined;
        running = judge()
          .then((done) => {
            if (!done) ask();
          })
          .catch(onError);
      },
      Math.max(DEBOUNCE_MS, tookMs * REST),
    );
  }
  function ask(): void {
    if (!closed && timer === undefined) later();
  }

  return {
    judge,
    ask,
    async catchUp() {
      const newest = await repository.newest();
      if (newest !== null && newest.getTime() !== upTo?.getTime()) await judge();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
