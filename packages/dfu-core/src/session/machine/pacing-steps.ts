import type { EngineCode } from "../../codes.ts";
import { faster, gentler, type Profile, type ProfileName } from "../../pacing/profiles.ts";

/** Transfers without a failure before the next faster step is taken, at first; each step that failed soon doubles it. */
const CLEAN_STRETCH = 32;
const CLEAN_STRETCH_OF_BLOCKS = 512;
/** Failures in gentler profiles than the first, until a faster one is tried in spite of them. */
const HELPLESS = 8;
/** Failures of that trial, and the share of its transfers, before the gentler profile is taken again. */
const TRIAL_PATIENCE = 8;
const TRIAL_TOLERATES = 0.1;
/** Smaller blocks than this are no help that anybody has seen. */
const SMALLEST_BLOCK = 64;

/** A step back to what is faster that waits for a clean stretch of transfers. */
class Hysteresis {
  /** Transfers that must be clean. */
  stretch: number;
  /** Transfers of the run when the last failure or step was. */
  since = 0;
  steppedAt: number | undefined;

  constructor(stretch: number) {
    this.stretch = stretch;
  }

  failed(transfers: number): void {
    if (this.steppedAt !== undefined && transfers - this.steppedAt < 2 * this.stretch) {
      this.stretch *= 2;
    }
    this.steppedAt = undefined;
    this.since = transfers;
  }

  /** Whether the step may be taken now. */
  isClean(transfers: number): boolean {
    return transfers - this.since >= this.stretch;
  }

  stepped(transfers: number): void {
    this.steppedAt = transfers;
    this.since = transfers;
  }
}

/** `to` is undefined where blocks are as large as the profile has them. */
export interface BlockStep {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Steps back to what is faster. */
export interface FasterSteps {
  readonly profile: { readonly from: ProfileName; readonly to: ProfileName } | undefined;
  readonly blocks: BlockStep | undefined;
}

/**
 * The profile and the size of blocks of a run, and when they change (rule 17, docs/protocol.md). `transfers` is always the count of
 * the whole run.
 */
export class PacingSteps {
  profile: Profile;
  largestBlock: number | undefined = undefined;
  readonly #start: Profile;
  /** False once the unit hung on the smallest blocks too: their size is not what it hangs on. */
  #sizeTells = true;
  readonly #profileBack = new Hysteresis(CLEAN_STRETCH);
  readonly #blocksBack = new Hysteresis(CLEAN_STRETCH_OF_BLOCKS);
  /** Link failures since the present profile was taken, and transfers before that. */
  #failures = 0;
  #before = 0;
  /** Failures in gentler profiles than the first that neither took the unit off its port nor made it hang. */
  #failuresGentler = 0;
  /** Whether a faster profile is tried although the gentler one fails as well: once a run. */
  #trial: "due" | "runs" | "failed" = "due";

  constructor(start: Profile) {
    this.#start = start;
    this.profile = start;
  }

  /**
   * Returns the profile that was left, if another one was taken: the next gentler one when the profile's patience is over, or the next
   * faster one when the gentler one is no help.
   */
  failed(cause: EngineCode, transfers: number): Profile | undefined {
    this.#profileBack.failed(transfers);
    this.#failures += 1;
    const from = this.profile;
    if (this.#isNoHelp(cause)) {
      const next = faster(from);
      if (next !== undefined) this.#take(next, transfers);
      this.#trial = "runs";
      return from;
    }
    const next = this.#gentlerWhenDue(transfers);
    if (next === undefined) return undefined;
    if (this.#trial === "runs") this.#trial = "failed";
    this.#take(next, transfers);
    return from;
  }

  /** A unit that leaves its port or hangs costs too much for a trial. */
  #isNoHelp(cause: EngineCode): boolean {
    if (this.profile === this.#start) return false;
    if (cause === "link.lost" || cause === "link.busy_wedge") return false;
    this.#failuresGentler += 1;
    return this.#trial === "due" && this.#failuresGentler >= HELPLESS;
  }

  #gentlerWhenDue(transfers: number): Profile | undefined {
    const { patience, tolerates } = this.profile;
    const inTrial = this.#trial === "runs";
    const atLeast = inTrial ? Math.max(patience, TRIAL_PATIENCE) : patience;
    const share = inTrial ? Math.max(tolerates, TRIAL_TOLERATES) : tolerates;
    const tolerated = Math.max(atLeast, share * (transfers - this.#before));
    return this.#failures < tolerated ? undefined : gentler(this.profile);
  }

  /** Takes a faster step after a clean stretch, and no profile faster than the first. */
  succeeded(transfers: number): FasterSteps {
    return { profile: this.#backToFaster(transfers), blocks: this.#backToLarger(transfers) };
  }

  #backToFaster(transfers: number): FasterSteps["profile"] {
    const next = this.profile === this.#start ? undefined : faster(this.profile);
    if (next === undefined || !this.#profileBack.isClean(transfers)) return undefined;
    const from = this.profile.name;
    this.#take(next, transfers);
    this.#profileBack.stepped(transfers);
    return { from, to: next.name };
  }

  #backToLarger(transfers: number): BlockStep | undefined {
    const from = this.largestBlock;
    if (from === undefined || !this.#blocksBack.isClean(transfers)) return undefined;
    this.largestBlock = 2 * from < this.profile.transferSize ? 2 * from : undefined;
    this.#blocksBack.stepped(transfers);
    return { from, to: this.largestBlock };
  }

  /** A data block of `bytes` made the unit hang. Undefined where nothing follows from that. */
  shrinkBlocks(bytes: number, transfers: number): BlockStep | undefined {
    const from = this.largestBlock;
    this.#blocksBack.failed(transfers);
    if (!this.#sizeTells) return undefined;
    const half = 2 ** Math.floor(Math.log2(bytes / 2));
    this.#sizeTells = half >= SMALLEST_BLOCK;
    this.largestBlock = this.#sizeTells ? half : undefined;
    return { from, to: this.largestBlock };
  }

  #take(profile: Profile, transfers: number): void {
    this.profile = profile;
    this.#failures = 0;
    this.#before = transfers;
  }
}
