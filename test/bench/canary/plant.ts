import {
  type Evidence,
  eValue,
  firstBlock,
  NO_EVIDENCE,
  PAUSE_AT,
  SAME_TIME_MS,
  type Trial,
  withBlock,
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

interface Unit extends Trial {
  readonly failed: boolean;
}

const failures = (units: readonly Unit[]): number => units.filter((one) => one.failed).length;
const byStart = (a: Trial, b: Trial): number => a.at - b.at;
/** Where the first one stands that began at `at` or later. Most are looked for at the end. */
function indexFrom(units: readonly Unit[], at: number): number {
  let index = units.length;
  while (index > 0 && (units[index - 1]?.at ?? at) >= at) index -= 1;
  return index;
}
/** Adds it in the order of starts. */
const insert = (units: Unit[], unit: Unit): unknown =>
  units.splice(indexFrom(units, unit.at), 0, unit);

/** The rules of the server: the same blocks, the same evidence, the same limit. */
export function runCanary(of: Case, random: () => number): Ended {
  const draw = (rate: number, round: number): boolean => {
    const { batch } = of;
    const isBad = batch !== undefined && round >= batch.from && round < batch.to;
    return random() < Math.min(0.95, isBad ? rate * batch.times : rate);
  };
  const { earlier = 0 } = of;
  const canary: Unit[] = [];
  const others: Unit[] = [];
  /** What was begun and is not told yet, by the round in which it is. */
  const coming = new Map<number, Unit[]>();
  let count = 0;
  const begin = (isCanary: boolean, rate: number, round: number): void => {
    const failed = draw(rate, round);
    const told = failed ? round : round + earlier;
    count += 1;
    // One after the other within a round.
    const unit = { unitId: "", isCanary, failed, at: round * ROUND_MS + (count % of.stations) };
    coming.set(told, [...(coming.get(told) ?? []), unit]);
  };
  for (let i = of.before; i > 0; i -= 1) {
    const at = -(i + 2 * earlier) * ROUND_MS;
    others.push({ unitId: "", isCanary: false, failed: random() < of.rate, at });
  }
  let evidence: Evidence = NO_EVIDENCE;
  let given = 0;
  let rest = AFTERWARDS + earlier;
  for (let round = -earlier; rest > 0; round += 1) {
    for (let station = 0; station < of.stations; station += 1) {
      const isCanary = round >= 0 && station < of.canaryStations && given < of.units;
      if (isCanary) given += 1;
      begin(isCanary, isCanary ? of.canaryRate : of.rate, round);
    }
    for (const unit of coming.get(round) ?? []) insert(unit.isCanary ? canary : others, unit);
    coming.delete(round);
    if (given === of.units) rest -= 1;
    const open = [...coming.values()].flat().map(({ at }) => at);
    const until = Math.min((round + 1) * ROUND_MS, ...open);
    for (;;) {
      const [first] = canary;
      if (first === undefined) break;
      const from = first.at - SAME_TIME_MS;
      const older = indexFrom(others, from);
      const trials = [...canary, ...others.slice(older)]
        .filter(({ at }) => at < until)
        .toSorted(byStart);
      const closing = firstBlock(trials, older, until);
      if (closing === null) break;
      const mine = canary.splice(0, closing.units);
      const end = indexFrom(others, closing.last.at + 0.5);
      const begins = Math.max(0, end - closing.others);
      const yardstick = others.splice(begins, end - begins);
      evidence = withBlock(evidence, {
        units: mine.length,
        failed: failures(mine),
        others: yardstick.length,
        othersFailed: failures(yardstick),
        beside: closing.beside,
      });
      if (eValue(evidence) >= PAUSE_AT) return given;
    }
  }
  return null;
}
