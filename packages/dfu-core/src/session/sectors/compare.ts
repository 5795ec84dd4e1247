import type { Content } from "../../plan/content.ts";
import type { FlashPlan, PlannedSector } from "../../plan/plan.ts";
import { type Progress, progress } from "../machine/progress.ts";
import type { Run, Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "./bytes.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import { type SectorWork, stretches } from "./sector-work.ts";

/**
 * Reads sectors before anything is erased and says what each needs: `keep`, `write` when it is blank and its family allows
 * that to be believed, `erase` otherwise. Stops in a sector at the first block that settles it. True when everything that
 * was read belongs to one session without a drop, so that `keep` everywhere is a verification.
 */
export function* compare(
  run: Run,
  plan: FlashPlan,
  works: readonly SectorWork[],
  content: Content,
  of: Progress,
): Work<boolean> {
  const { arrivals } = run.link;
  for (const [index, work] of works.entries()) {
    yield* progress(run, of, index, works.length);
    try {
      work.state = yield* compareSector(run, plan, work, content);
    } catch (error) {
      if (!isDirtyFlash(error)) throw error;
      work.state = "erase";
    }
  }
  // An erase that was cut off may leave cells that read blank, or as the image, today and not tomorrow (rule 7, docs/protocol.md).
  if (wasInterrupted(plan, works, content)) for (const work of works) work.state = "erase";
  return run.link.arrivals === arrivals;
}

/** An attempt erases the seal first and writes it last: where it is blank beside content, one was cut off. */
function wasInterrupted(plan: FlashPlan, works: readonly SectorWork[], content: Content): boolean {
  const before = works.find((work) => work.sealed)?.before;
  return (
    before?.address === plan.seal.address &&
    consistsOf(before.data.subarray(0, plan.seal.length), plan.erasedValue) &&
    works.some((work) => heldContent(plan, work, content))
  );
}

/** Whether a sector that was compared held anything where the image goes. */
function heldContent(plan: FlashPlan, work: SectorWork, content: Content): boolean {
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

function* compareSector(
  run: Run,
  plan: FlashPlan,
  work: SectorWork,
  content: Content,
): Work<"keep" | "erase" | "write"> {
  const { sector } = work;
  let same = true;
  let blank = sector.erase === "skip-if-blank";
  for (const stretch of stretches(work)) {
    yield* readRange(run, stretch, (address, data) => {
      if (same && !equalBytes(data, content.read(address, data.length))) {
        same = false;
        work.before = { address, data: data.slice(0, BEFORE_BYTES) };
      }
      blank &&= consistsOf(data, plan.erasedValue);
      return same || blank;
    });
    if (!same && !blank) return "erase";
  }
  if (same) return "keep";
  return (yield* isBlank(run, gapsIn(sector, work.pieces))) ? "write" : "erase";
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
