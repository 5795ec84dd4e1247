import { fullBlock } from "../link/blocks.ts";
import type { Run, Work } from "../machine/run.ts";
import type { SectorWork } from "./sector-work.ts";
import { blocksOf, type Span } from "./span.ts";

/** Blocks that share sectors: a sector of several blocks, or a block of several sectors. */
export type Portion = readonly [Span, ...Span[]];

/**
 * Of a row of small sectors that all differ, at least one portion in so many is looked at. Whatever is unchanged for this long is found; what
 * is shorter, between two changed ones, may be erased and written again.
 */
const WIDEST_STEP = 8;
/** To erase and write a sector of this size takes as long as some hundred reads; a larger one is never left out. Bytes. */
const SMALL_SECTOR = 8192;

/** The blocks of spans by what shares a sector, in the order of their addresses. */
export function portionsOf(run: Run, spans: readonly Span[]): readonly Portion[] {
  const portions: [Span, ...Span[]][] = [];
  let last: SectorWork | undefined;
  for (const block of spans.flatMap((span) => [...blocksOf(run, span)])) {
    const [first] = block.works;
    const portion = portions.at(-1);
    if (first === last && portion !== undefined) portion.push(block);
    else portions.push([block]);
    last = block.works.at(-1);
  }
  return portions;
}

/**
 * Looks at portions until it is known what there is. `look` says whether a portion holds anything that can be kept. The more of
 * them in a row hold nothing, the fewer are looked at; where one does, those that were left out before it are looked at after all.
 */
export function* samples(
  run: Run,
  portions: readonly Portion[],
  look: (portion: Portion, at: number) => Work<boolean>,
): Work<void> {
  const lastWhole = portions.findLastIndex(([block]) => block.length === fullBlock(run));
  const last = lastWhole < 0 ? portions.length - 1 : lastWhole;
  let inARow = 0;
  let previous = -1;
  for (let at = 0; at < portions.length; ) {
    const portion = portions[at];
    if (portion === undefined) return;
    const holds = yield* look(portion, at);
    if (holds) {
      for (const [index, left] of portions.slice(previous + 1, at).entries()) {
        yield* look(left, previous + 1 + index);
      }
    }
    inARow = holds || !isSmall(portion) ? 0 : inARow + 1;
    previous = at;
    const step = inARow < 2 ? 1 : Math.min(2 ** (inARow - 1), WIDEST_STEP);
    if (step > 1 && at >= last) return;
    const large = portions.findIndex((other, index) => index > at && !isSmall(other));
    const end = step === 1 ? portions.length : large < 0 ? last : Math.min(large, last);
    at = Math.min(at + step, end);
  }
}

const isSmall = (portion: Portion): boolean =>
  portion.every(({ works }) => works.every(({ sector }) => sector.size <= SMALL_SECTOR));
