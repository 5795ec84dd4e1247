import { chanceOfMore, type Share } from "./beta.ts";
import { likelihoodRatio } from "./conditional.ts";

/** What is compared: the profile that releases start with, and the next gentler one. */
export const ARMS = ["standard", "gentle"] as const;
/** One of {@link ARMS}. */
export type Arm = (typeof ARMS)[number];

/** What one attempt of a trial showed. */
export interface Tried {
  readonly incident: boolean;
  /** It did not pass: somebody has to try the unit again. */
  readonly failed: boolean;
  /** From the first transfer to the last. */
  readonly seconds: number;
}

/** Two attempts of the same release at hosts of the same kind, in a random order, one with each profile. */
export type Pair = Readonly<Record<Arm, Tried>>;

/** What is decided: `gentle` wins, or it is not worth it and every unit starts with `standard`. */
export type TrialDecision = "gentle" | "standard";

/** What a trial has shown so far. JSON. */
export interface TrialFigures {
  readonly pairs: number;
  /** Evidence that `standard` loses the link four times as often (odds), against no difference. */
  readonly e: number;
  /** Evidence for no difference, against four times as often. */
  readonly f: number;
  readonly standard: Share;
  readonly gentle: Share;
  /** What `gentle` takes longer where no link is lost; seconds a unit. */
  readonly extra: number;
  /** What a lost link costs; seconds. */
  readonly cost: number;
  /** How likely it is that `gentle` saves more than it takes; 0 … 1. */
  readonly pays: number;
}

/** Odds ratio that is looked for. */
const SOUGHT = 4;
/** Pairs before anything is decided, and pairs after which something is. */
const LEAST_PAIRS = 12;
const MOST_PAIRS = 120;
/** Evidence from which `gentle` may win, and from which there is no difference worth a trial. */
const WINS_FROM = 20;
const ENDS_FROM = 50;
/** How likely it must be that `gentle` pays: to win, to win when the trial is over, and not to be given up. */
const PAYS = { early: 0.9, late: 0.5, never: 0.03 } as const;

/**
 * What is believed of seconds before a pair has told: the engine's own figures for 384 KiB, which a few pairs outweigh (docs/verdict.md). `weight`
 * is in pairs.
 */
const BELIEVED = { extra: 10, cost: 20, weight: 1 } as const;
/** What a failed attempt costs beside its own time: somebody sees it, puts the unit in again and starts. Seconds. */
const FAILED_COSTS = 60;

interface Sums {
  readonly pairs: number;
  readonly seconds: number;
}
const NO_SUMS: Sums = { pairs: 0, seconds: 0 };
const meanOf = ({ pairs, seconds }: Sums, believed: number): number =>
  (believed * BELIEVED.weight + seconds) / (BELIEVED.weight + pairs);

const costOf = ({ seconds, failed }: Tried): number => seconds + (failed ? FAILED_COSTS : 0);

/** Adds up pairs. Seconds are compared within a pair only: another release has another length. */
class Sum {
  #e = 1;
  #f = 1;
  #pairs = 0;
  readonly #incidents = { standard: 0, gentle: 0 };
  /** Pairs without a lost link: how much longer `gentle` took. */
  #calm = NO_SUMS;
  /** Pairs in which one lost the link: how much longer that one took, and how often it was `gentle` rather than `standard`. */
  #lost = NO_SUMS;
  #gentleLost = 0;

  add({ standard, gentle }: Pair): void {
    const [y, c] = [standard.incident ? 1 : 0, gentle.incident ? 1 : 0];
    const split = { n: 1, y, m: 1, c };
    this.#e *= likelihoodRatio(split, SOUGHT, 1);
    this.#f *= likelihoodRatio(split, 1, SOUGHT);
    this.#pairs += 1;
    this.#incidents.standard += y;
    this.#incidents.gentle += c;
    const longer = costOf(gentle) - costOf(standard);
    const add = ({ pairs, seconds }: Sums, more: number): Sums => ({
      pairs: pairs + 1,
      seconds: seconds + more,
    });
    if (y === 0 && c === 0) this.#calm = add(this.#calm, longer);
    if (y !== c) this.#lost = add(this.#lost, c === 1 ? longer : -longer);
    if (y !== c) this.#gentleLost += c === 1 ? 1 : -1;
  }

  figures(): TrialFigures {
    const units = this.#pairs;
    const standard = { units, incidents: this.#incidents.standard };
    const gentle = { units, incidents: this.#incidents.gentle };
    const extra = Math.max(0, meanOf(this.#calm, BELIEVED.extra));
    // Of a pair in which `gentle` lost the link the difference has what `gentle` takes longer in it, of the others it lacks that.
    const seconds = this.#lost.seconds - extra * this.#gentleLost;
    const cost = Math.max(1, meanOf({ ...this.#lost, seconds }, BELIEVED.cost));
    const pays = chanceOfMore(standard, gentle, extra / cost);
    return { pairs: units, e: this.#e, f: this.#f, standard, gentle, extra, cost, pays };
  }
}

function decisionOn({ pairs, e, f, pays }: TrialFigures): TrialDecision | undefined {
  if (pairs < LEAST_PAIRS) return undefined;
  const isOver = pairs >= MOST_PAIRS;
  if (e >= WINS_FROM && pays > (isOver ? PAYS.late : PAYS.early)) return "gentle";
  return isOver || pays < PAYS.never || f >= ENDS_FROM ? "standard" : undefined;
}

/** How a trial stands. */
export interface TrialStanding {
  readonly figures: TrialFigures;
  /** Undefined: it goes on. */
  readonly decision: TrialDecision | undefined;
}

/**
 * How a trial of gentler pacing stands after these pairs, in the order in which they were completed. It is decided at the first pair that suffices;
 * what comes after it changes nothing. Where `gentle` is no better it wins with a probability of at most 1 in 20, at however many looks: `e` is a
 * product of e-variables (Turner, Ly and Grünwald, J. Stat. Plan. Inference 230 (2024) 106116).
 */
export function standingOf(pairs: Iterable<Pair>): TrialStanding {
  const sum = new Sum();
  for (const pair of pairs) {
    sum.add(pair);
    const figures = sum.figures();
    const decision = decisionOn(figures);
    if (decision !== undefined) return { figures, decision };
  }
  return { figures: sum.figures(), decision: undefined };
}

/** Units that one stays on `standard` among, after `gentle` has won. */
export const CONTROL_OF = 20;

/** Units of one release after `gentle` has won: the one that stayed on `standard`, and the others. */
export interface ControlBlock {
  readonly standard: Share;
  readonly gentle: Share;
}

/**
 * Evidence that `standard` loses the link no oftener than `gentle` any more, against four times as often. From {@link GIVEN_UP_FROM} on `gentle` is
 * given up: whatever made it better is gone. Blocks in the order in which they were completed.
 */
export function evidenceAgainst(blocks: Iterable<ControlBlock>): number {
  let f = 1;
  for (const { standard, gentle } of blocks) {
    const split = {
      n: standard.units,
      y: standard.incidents,
      m: gentle.units,
      c: gentle.incidents,
    };
    // Never below 1: that it was better for a year must not be outweighed first.
    f = Math.max(1, f) * likelihoodRatio(split, 1, SOUGHT);
  }
  return f;
}
/** See {@link evidenceAgainst}. */
export const GIVEN_UP_FROM = ENDS_FROM;

/**
 * Which profile the attempt in this place of its release starts with; places count from 0. Of each two attempts one has each profile, which of them
 * comes first is told by `coin`, 0 … 1, of the pair.
 */
export const armInPair = (place: number, coin: number): Arm =>
  (place % 2 === 0) === coin < 0.5 ? "standard" : "gentle";

/** The same after `gentle` has won: one of {@link CONTROL_OF} in a random place. */
export const armInControl = (place: number, coin: number): Arm =>
  place % CONTROL_OF === Math.floor(coin * CONTROL_OF) ? "standard" : "gentle";
