import type { Image } from "../../image/image.ts";
import { partsWithin } from "../../plan/content.ts";
import type { FlashPlan, PlannedSector, SealedPlan } from "../../plan/plan.ts";
import { noRefusals, type Refusals } from "../link/retry.ts";

/**
 * `keep`: holds the image already. `erase`: must be erased. `write`: is erased, by this attempt or by proof of reading.
 * `written`: everything but the seal is programmed.
 */
export type SectorState = "keep" | "erase" | "write" | "written";

export interface SectorWork {
  readonly sector: PlannedSector;
  /** Whole granules that are content: the image in this sector, or all of it once its remainder is preserved. */
  pieces: readonly { readonly address: number; readonly length: number }[];
  readonly sealed: boolean;
  state: SectorState;
  /** Erased at least once by this attempt. */
  erased: boolean;
  /** Times it was erased again because it read back wrong. */
  rewrites: number;
  /** Times it was erased again because the link failed in the middle of it. */
  spoils: number;
  /** Times that reading it back made the unit leave. */
  dirty: number;
  /** Times in a row that it was not erased by an erase that was acknowledged. */
  erasesLost: number;
  /** Blocks that the unit refused to program in its own words, by address: kept while their sector is erased and rewritten. */
  readonly refused: Map<number, Refusals>;
  /** Offsets that ever read back wrong in this attempt, one flag a byte. */
  wrong: Uint8Array | undefined;
  /** Offsets that read back wrong when they were read last; undefined where none ever did. */
  alike: Alike | undefined;
  /** The beginning of the block with the first wrong byte, as it was read. */
  wrongBlock: { readonly address: number; readonly bytes: Uint8Array } | undefined;
  /** The erase of the retry left that block as it was: write protection (rule 10, docs/protocol.md). */
  eraseHadNoEffect: boolean;
  /** Address of the first wrong byte last time. */
  wrongAt: number | undefined;
  /** Holds something that the recipe forbids to erase. */
  locked: boolean;
  /** What it held before this attempt: the beginning of the first block that is not the image. Unknown once its erase has begun. */
  before: { readonly address: number; readonly data: Uint8Array } | undefined;
}

/** By offset: how many times in a row a byte read the same wrong value, 0 where it is right, and that value. */
export interface Alike {
  readonly times: Uint8Array;
  readonly values: Uint8Array;
}

export function sectorWorks(plan: FlashPlan): readonly SectorWork[] {
  return plan.sectors.map((sector) => ({
    sector,
    pieces: partsWithin(plan.runs, sector),
    sealed: plan.seal !== undefined && isWithin(sector, plan.seal.address),
    state: "erase",
    erased: false,
    rewrites: 0,
    spoils: 0,
    dirty: 0,
    erasesLost: 0,
    refused: new Map(),
    wrong: undefined,
    alike: undefined,
    wrongBlock: undefined,
    eraseHadNoEffect: false,
    wrongAt: undefined,
    locked: false,
    before: undefined,
  }));
}

/** Of the image's own bytes alone: what fills up their granules may be what was preserved, or another tool's. */
export function imageWorks(plan: FlashPlan, image: Image): readonly SectorWork[] {
  const ranges = image.segments.map(({ address, data }) => ({ address, length: data.length }));
  return sectorWorks(plan).map((work) => ({ ...work, pieces: partsWithin(ranges, work.sector) }));
}

const isWithin = ({ address, size }: PlannedSector, at: number): boolean =>
  at >= address && at < address + size;

/**
 * What the unit said so far about programming a block. It is known by any address inside the block: after a failure blocks may be cut
 * elsewhere.
 */
export function refusalsWithin(
  works: readonly [SectorWork, ...SectorWork[]],
  address: number,
  length: number,
): Refusals {
  for (const { refused } of works) {
    for (const [at, known] of refused) if (at >= address && at < address + length) return known;
  }
  const none = noRefusals();
  works[0].refused.set(address, none);
  return none;
}

export interface Stretch {
  readonly alternate: number;
  readonly address: number;
  readonly length: number;
}

/** The pieces of a sector without the seal. */
export function stretchesWithoutSeal(plan: SealedPlan, work: SectorWork): readonly Stretch[] {
  const { alternate } = work.sector;
  const { address: seal, length: sealLength } = plan.seal;
  return work.pieces.flatMap(({ address, length }) => {
    const end = address + length;
    const parts = [
      [address, Math.min(end, seal)],
      [Math.max(address, seal + sealLength), end],
    ] as const;
    return parts.flatMap(([from, to]) =>
      from < to ? [{ alternate, address: from, length: to - from }] : [],
    );
  });
}

export const stretches = (work: SectorWork): readonly Stretch[] =>
  work.pieces.map((piece) => ({ ...piece, alternate: work.sector.alternate }));
