import { hypergeometric } from "../verdict/index.ts";

/** Units of a canary and of its predecessor that are judged together, and how many of them failed by the image's fault. */
export interface Block {
  readonly units: number;
  readonly failed: number;
  readonly others: number;
  readonly othersFailed: number;
  /** Of `others`, those of the same time as the canary's. */
  readonly beside: number;
}

/** What a canary's blocks say together. */
export interface Evidence {
  readonly blocks: number;
  readonly units: number;
  readonly failed: number;
  readonly others: number;
  readonly othersFailed: number;
  /** Of `others`, those of the same time as the canary's. */
  readonly beside: number;
  /** How many of `units` would have failed if both were equally good: their share of the failures of both. */
  readonly expected: number;
  /** One e-value for each of {@link ODDS_RATIOS}. */
  readonly values: readonly number[];
}

/**
 * How much worse a release may be: odds of a failure by the image, against the predecessor's. Nobody knows beforehand, so one e-value is
 * kept for each; their mean is an e-value too.
 */
export const ODDS_RATIOS: readonly number[] = [5, 15];

/**
 * From this e-value on a canary is paused. A canary that is no worse than its predecessor ever gets there with a probability of at most
 * 1 / 20, however often one looks (Ville's inequality).
 */
export const PAUSE_AT = 20;

export const NO_EVIDENCE: Evidence = {
  blocks: 0,
  units: 0,
  failed: 0,
  others: 0,
  othersFailed: 0,
  beside: 0,
  expected: 0,
  values: ODDS_RATIOS.map(() => 1),
};

/**
 * The e-value of one block against "the odds of a failure are the same" (ψ₀ = 1), for the alternative `oddsRatio`. With the block's
 * failures given, how many of them fall to the canary has a hypergeometric distribution; the value is ψ^failed over the mean of ψ^J under
 * it. Its mean is 1 where the odds are the same and at most 1 where the canary's are lower, whatever the rate is (Turner, Ly and Grünwald,
 * "Generic e-variables for exact sequential k-sample tests that allow for optional stopping", 2024).
 */
export function blockValue(block: Omit<Block, "beside">, oddsRatio: number): number {
  const { from, mass } = hypergeometric({
    hereUnits: block.units,
    hereIncidents: block.failed,
    elsewhereUnits: block.others,
    elsewhereIncidents: block.othersFailed,
  });
  const mean = mass.reduce((sum, p, at) => sum + p * oddsRatio ** (from + at), 0);
  return oddsRatio ** block.failed / mean;
}

/** The evidence with one block more. Blocks are independent when the sequence of units is, so their values are multiplied. */
export function withBlock(evidence: Evidence, block: Block): Evidence {
  const { units, failed, others, othersFailed, beside } = block;
  const share = (failed + othersFailed) / (units + others);
  return {
    blocks: evidence.blocks + 1,
    units: evidence.units + units,
    failed: evidence.failed + failed,
    others: evidence.others + others,
    othersFailed: evidence.othersFailed + othersFailed,
    beside: evidence.beside + beside,
    expected: evidence.expected + units * share,
    values: evidence.values.map((value, at) => value * blockValue(block, ODDS_RATIOS[at] ?? 1)),
  };
}

/** One number for all of it: the mean over the alternatives. */
export const eValue = ({ values }: Pick<Evidence, "values">): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** So many of the same time stand beside a canary's unit at most. With eight, two failures in a row are enough for a pause; the rest is for the next. */
const RECENT_A_UNIT = 8;
/** So many of the predecessor's units at all: more would say hardly more. */
export const OTHERS_A_UNIT = 24;
/** With so many of the same time nobody waits for more, and none from before is taken. */
const ENOUGH_A_UNIT = 4;
/** A canary's unit waits so long for enough of the same time, milliseconds. Then units from before are taken too. */
const PATIENCE_MS = 60_000;
/** Of the same time is what began up to so long before the first of the canary's units, milliseconds. */
export const SAME_TIME_MS = 300_000;
/** More units of a canary are judged one block after the other. */
const LARGEST_BLOCK = 32;

/** Units that are in no block yet, without what became of them: it must decide neither when a block is closed nor who is in it. */
export interface Waiting {
  /** Of the canary. */
  readonly units: number;
  /** Of the predecessor, of the same time. */
  readonly recent: number;
  /** Of the predecessor, from before. */
  readonly older: number;
  /** How long after the first of `units` the last unit began that may be judged, milliseconds. */
  readonly waitedMs: number;
}

/**
 * How many of the predecessor's units, the latest first, come into a block with the canary's: null while it is too early for one. Units of
 * the same time are the better yardstick, because a bad batch of boards hits both releases; where the canary's station is nearly alone there
 * are only units from before. Never with nothing to compare with.
 */
export function yardstickFor({ units, recent, older, waitedMs }: Waiting): number | null {
  const judged = Math.min(units, LARGEST_BLOCK);
  if (judged === 0 || recent + older === 0) return null;
  if (recent >= ENOUGH_A_UNIT * judged) return Math.min(recent, RECENT_A_UNIT * judged);
  return waitedMs >= PATIENCE_MS ? OTHERS_A_UNIT * judged : null;
}

/** A first try that is in no block yet. What became of it plays no part. */
export interface Trial {
  readonly unitId: string;
  readonly isCanary: boolean;
  /** When its attempt began, milliseconds since 1970. */
  readonly at: number;
}

/** A block that can be closed. */
export interface Closing {
  /** So many of the canary's units, the earliest first. */
  readonly units: number;
  /** So many of the predecessor's that began no later than `last`, the latest first. */
  readonly others: number;
  /** Of `others`, those of the same time. */
  readonly beside: number;
  /** The last unit that it may hold. */
  readonly last: Trial;
}

/**
 * The first block that can be closed; null: it is too early. `trials` are in the order in which they began, from {@link SAME_TIME_MS} before the
 * first of the canary on; `older` of the predecessor began before. Of all attempts that began before `until` the end is known. Where a block is
 * closed depends on who began when and on nothing else: not on when a result was told, so that failures, which are told sooner than passes, are
 * not judged without them.
 */
export function firstBlock(trials: readonly Trial[], older: number, until: number): Closing | null {
  const first = trials.find(({ isCanary }) => isCanary);
  if (first === undefined) return null;
  let [units, recent] = [0, 0];
  const closing = (last: Trial, now: number): Closing | null => {
    const waitedMs = now - first.at;
    const others = yardstickFor({ units, recent, older, waitedMs });
    if (others === null) return null;
    return {
      units: Math.min(units, LARGEST_BLOCK),
      others,
      beside: Math.min(others, recent),
      last,
    };
  };
  for (const trial of trials) {
    if (trial.isCanary) units += 1;
    else recent += 1;
    const closed = closing(trial, trial.at);
    if (closed !== null) return closed;
  }
  return closing(trials.at(-1) ?? first, until);
}
