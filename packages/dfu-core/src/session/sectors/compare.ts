import type { Content } from "../../plan/content.ts";
import type { PlannedSector, SealedPlan } from "../../plan/plan.ts";
import { type Progress, progress } from "../machine/progress.ts";
import type { Run, Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "./bytes.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import { portionsOf, samples } from "./samples.ts";
import { type SectorWork, stretches } from "./sector-work.ts";
import { blocksOf, readBlockOf, type Span, slicesOf, spansOf } from "./span.ts";

export interface Compared {
  /** All that was read belongs to one session without a drop, so that `keep` everywhere is a verification. */
  readonly whole: boolean;
  /** An earlier attempt at this unit was cut off, so that nothing of what was read may be kept. */
  readonly interrupted: boolean;
}

/**
 * Reads sectors before anything is erased and says what each needs: `keep`, `write` when it is blank and its family allows
 * that to be believed, `erase` otherwise. A block whose sectors are all settled is not read, and among small sectors that all
 * differ only some are looked at.
 */
export function* compare(
  run: Run,
  plan: SealedPlan,
  works: readonly SectorWork[],
  content: Content,
  of: Progress,
): Work<Compared> {
  const { arrivals } = run.link;
  const looks = new Map(works.map((work) => [work, firstLook(work)]));
  const portions = portionsOf(run, spansOf(works, stretches));
  yield* samples(run, portions, function* (portion, at) {
    yield* progress(run, of, at, portions.length);
    for (const span of portion) {
      for (const block of blocksOf(run, span)) {
        yield* compareBlock(run, plan, block, looks, content);
      }
    }
    return portion.some((span) => span.works.some((work) => isOpen(looks.get(work))));
  });
  for (const [work, look] of looks) work.state = yield* settle(run, work, look);
  const interrupted = wasInterrupted(plan, works, content);
  return { whole: run.link.arrivals === arrivals, interrupted };
}

/** An attempt erases the seal first and writes it last: where it is blank beside content, one was cut off. */
function wasInterrupted(plan: SealedPlan, works: readonly SectorWork[], content: Content): boolean {
  const before = works.find((work) => work.sealed)?.before;
  return (
    before?.address === plan.seal.address &&
    consistsOf(before.data.subarray(0, plan.seal.length), plan.erasedValue) &&
    works.some((work) => heldContent(plan, work, content))
  );
}

/** Whether a sector that was compared held anything where the image goes. */
function heldContent(plan: SealedPlan, work: SectorWork, content: Content): boolean {
  const { before, pieces, state } = work;
  const isBlankAt = ({ address, length }: { address: number; length: number }) =>
    consistsOf(content.read(address, length), plan.erasedValue);
  if (before === undefined) return state === "keep" && !pieces.every(isBlankAt);
  const address = Math.min(...pieces.map((piece) => piece.address));
  const matched = { address, length: before.address - address };
  return !consistsOf(before.data, plan.erasedValue) || !isBlankAt(matched);
}

/** Enough to know a unit again by. */
const BEFORE_BYTES = 64;

/** What is known of a sector so far. Once it is neither, it must be erased, and no more of it is read. */
interface Look {
  /** Holds the image. */
  same: boolean;
  /** Is blank, and its family allows that to be believed. */
  blank: boolean;
  /** Some of it was read. Of what is not, nothing is known, and it must be erased. */
  seen: boolean;
}

const firstLook = ({ sector }: SectorWork): Look => ({
  same: true,
  blank: sector.erase === "skip-if-blank",
  seen: false,
});

const isOpen = (look: Look | undefined): boolean => look?.same === true || look?.blank === true;

/** Reads a block that has anything to say of a sector that it touches. */
function* compareBlock(
  run: Run,
  plan: SealedPlan,
  block: Span,
  looks: Map<SectorWork, Look>,
  content: Content,
): Work<void> {
  const says = () => block.works.some((work) => isOpen(looks.get(work)));
  if (!says()) return;
  try {
    yield* readBlockOf(run, block, (at, bytes) => {
      for (const { work, address, data } of slicesOf(block, at, bytes)) {
        const look = looks.get(work);
        if (look === undefined) continue;
        look.seen = true;
        if (look.same && !equalBytes(data, content.read(address, data.length))) {
          look.same = false;
          work.before = { address, data: data.slice(0, BEFORE_BYTES) };
        }
        look.blank &&= consistsOf(data, plan.erasedValue);
      }
      return says();
    });
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    for (const work of block.works) looks.set(work, { same: false, blank: false, seen: true });
  }
}

function* settle(run: Run, work: SectorWork, look: Look): Work<"keep" | "erase" | "write"> {
  if (!look.seen) return "erase";
  if (look.same) return "keep";
  if (!look.blank) return "erase";
  try {
    return (yield* isBlank(run, gapsIn(work.sector, work.pieces))) ? "write" : "erase";
  } catch (error) {
    if (!isDirtyFlash(error)) throw error;
    return "erase";
  }
}

/** The parts of a sector that none of the ranges covers; the ranges lie in it, in order. */
export function gapsIn(
  { address, size, alternate }: PlannedSector,
  ranges: readonly { readonly address: number; readonly length: number }[],
) {
  const gaps: { alternate: number; address: number; length: number }[] = [];
  let at = address;
  for (const range of [...ranges, { address: address + size, length: 0 }]) {
    if (range.address > at) gaps.push({ alternate, address: at, length: range.address - at });
    at = range.address + range.length;
  }
  return gaps;
}

/** True when every byte of the stretches has the erased value. */
export function* isBlank(
  run: Run,
  parts: readonly { alternate: number; address: number; length: number }[],
): Work<boolean> {
  let blank = true;
  for (const part of parts) {
    yield* readRange(run, part, (_address, data) => {
      blank &&= consistsOf(data, run.device.family.erasedValue);
      return blank;
    });
    if (!blank) return false;
  }
  return true;
}
