import {
  type Evidence,
  eValue,
  LARGEST_BLOCK,
  NO_EVIDENCE,
  PAUSE_AT,
  SAME_TIME_MS,
  withBlock,
  yardstickFor,
} from "@flashline/server/testing";

/** A canary in a plant that is only worked out. Each station finishes one unit in each round. */
export interface Case {
  readonly stations: number;
  readonly canaryStations: number;
  /** Places of the canary. */
  readonly units: number;
  /** Units of the predecessor from before. */
  readonly before: number;
  /** Shares of units that fail by the image's fault. */
  readonly rate: number;
  readonly canaryRate: number;
  /** Rounds in which both fail so many times as often: a batch of boards that no image gets on with. */
  readonly batch?: { readonly from: number; readonly to: number; readonly times: number };
  /** Rounds by which a failure is told before a pass that began with it; 0 where it is not given. */
  readonly earlier?: number;
}

/** What became of it: how many units had it when it was paused; null where it was not. */
export type Ended = number | null;

/** Between two rounds, milliseconds. */
const ROUND_MS = 30_000;
/** Rounds after the last unit, for those that wait to be judged. */
const AFTERWARDS = 4;

interface Trial {
  readonly failed: boolean;
  readonly at: number;
}

/** How many of them, in the order of time, were no earlier than this. */
function since(trials: readonly Trial[], from: number): number {
  let first = trials.length;
  while (first > 0 && (trials[first - 1]?.at ?? from) >= from) first -= 1;
  return trials.length - first;
}
const failures = (trials: readonly Trial[]): number => trials.filter((one) => one.failed).length;

/** The rules of the server: the same blocks, the same evidence, the same limit. */
export function runCanary(of: Case, random: () => number): Ended {
  const draw = (rate: number, round: number): boolean => {
    const { batch } = of;
    const isBad = batch !== undefined && round >= batch.from && round < batch.to;
    return random() < Math.min(0.95, isBad ? rate * batch.times : rate);
  };
  const others: Trial[] = [];
  const waiting: Trial[] = [];
  const { earlier = 0 } = of;
  /** What was begun and is not told yet, by the round in which it is. */
  const coming = new Map<number, { readonly to: Trial[]; readonly failed: boolean }[]>();
  const comingIn = (round: number) => {
    const there = coming.get(round) ?? [];
    coming.set(round, there);
    return there;
  };
  const begin = (to: Trial[], rate: number, round: number): void => {
    const failed = draw(rate, round);
    comingIn(failed ? round : round + earlier).push({ to, failed });
  };
  for (let i = of.before; i > 0; i -= 1) {
    others.push({ failed: random() < of.rate, at: -(i + earlier) * ROUND_MS });
  }
  let evidence: Evidence = NO_EVIDENCE;
  let given = 0;
  let rest = AFTERWARDS + earlier;
  for (let round = -earlier; rest > 0; round += 1) {
    const at = round * ROUND_MS;
    for (let station = 0; station < of.stations; station += 1) {
      if (round >= 0 && station < of.canaryStations && given < of.units) {
        given += 1;
        begin(waiting, of.canaryRate, round);
      } else begin(others, of.rate, round);
    }
    for (const { to, failed } of coming.get(round) ?? []) to.push({ failed, at });
    coming.delete(round);
    if (given === of.units) rest -= 1;
    for (;;) {
      const [first] = waiting;
      if (first === undefined) break;
      const recent = since(others, first.at - SAME_TIME_MS);
      const older = others.length - recent;
      const waitedMs = at - first.at;
      const taken = yardstickFor({ units: waiting.length, recent, older, waitedMs });
      if (taken === null) break;
      const mine = waiting.splice(0, LARGEST_BLOCK);
      const yardstick = others.splice(-taken);
      evidence = withBlock(evidence, {
        units: mine.length,
        failed: failures(mine),
        others: yardstick.length,
        othersFailed: failures(yardstick),
      });
      if (eValue(evidence) >= PAUSE_AT) return given;
    }
  }
  return null;
}
