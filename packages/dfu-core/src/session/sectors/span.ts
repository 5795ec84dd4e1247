import { DfuError, hex32 } from "../../errors.ts";
import { fullBlock } from "../link/blocks.ts";
import type { Run, Work } from "../machine/run.ts";
import { readRange } from "./read-range.ts";
import type { SectorWork, Stretch } from "./sector-work.ts";

/** Parts of neighbouring sectors of one memory, without a gap. A block may reach over several sectors that are smaller than itself. */
export interface Span extends Stretch {
  /** The sectors that it touches, by address. */
  readonly works: readonly [SectorWork, ...SectorWork[]];
}

/** Joins the parts of each sector with those of its neighbours. `works` are in the order of their addresses. */
export function spansOf(
  works: readonly SectorWork[],
  partsOf: (work: SectorWork) => readonly Stretch[],
): readonly Span[] {
  const spans: {
    alternate: number;
    address: number;
    length: number;
    works: [SectorWork, ...SectorWork[]];
  }[] = [];
  for (const work of works) {
    for (const { alternate, address, length } of partsOf(work)) {
      const last = spans.at(-1);
      if (last?.alternate === alternate && last.address + last.length === address) {
        last.length += length;
        if (last.works.at(-1) !== work) last.works.push(work);
      } else spans.push({ alternate, address, length, works: [work] });
    }
  }
  return spans;
}

export const bytesIn = (spans: readonly Span[]): number =>
  spans.reduce((sum, { length }) => sum + length, 0);

/**
 * The block of a span that starts at `at`, of at most `most` bytes. It ends at a multiple of a full block at the latest:
 * so blocks lie alike whenever a part is written or read again.
 */
export function blockAt(run: Run, span: Span, at: number, most = Number.POSITIVE_INFINITY): Span {
  const full = fullBlock(run);
  const end = Math.min(at + most, at + full - (at % full), span.address + span.length);
  const [first, ...others] = span.works.filter(
    ({ sector }) => sector.address < end && at < sector.address + sector.size,
  );
  if (first === undefined) throw new DfuError("internal.bug", `no sector at ${hex32(at)}`);
  return { ...span, address: at, length: end - at, works: [first, ...others] };
}

/** The blocks of a span, each in the size of the moment. */
export function* blocksOf(run: Run, span: Span): Generator<Span, void, undefined> {
  const end = span.address + span.length;
  for (let at = span.address; at < end; ) {
    const block = blockAt(run, span, at);
    yield block;
    at += block.length;
  }
}

/**
 * The full block in the place of a shorter one where the rest of it lies in the same sectors: it is addressed by its number. With ECC,
 * reading what nobody has erased may fault.
 */
function widened(run: Run, { works, alternate, address, length }: Span): Stretch {
  const full = fullBlock(run);
  const from = address - (address % full);
  const [first] = works;
  const last = works.at(-1) ?? first;
  const isInside =
    from >= first.sector.address && from + full <= last.sector.address + last.sector.size;
  const isSafe = !run.device.family.ecc || works.every(({ erased }) => erased);
  return isInside && isSafe && run.link.profile.addressing === "increment"
    ? { alternate, address: from, length: full }
    : { alternate, address, length };
}

/** Reads one of {@link blocksOf}, and gives what lies in it. */
export function* readBlockOf(
  run: Run,
  block: Span,
  take: (address: number, data: Uint8Array) => boolean,
): Work<void> {
  const end = block.address + block.length;
  yield* readRange(run, widened(run, block), (at, bytes) => {
    const [from, to] = [Math.max(at, block.address), Math.min(at + bytes.length, end)];
    return from < to ? take(from, bytes.subarray(from - at, to - at)) : true;
  });
}

/** What was read at `address`, by the sectors that it lies in. */
export function slicesOf(
  { works }: { readonly works: readonly SectorWork[] },
  address: number,
  data: Uint8Array,
): readonly { readonly work: SectorWork; readonly address: number; readonly data: Uint8Array }[] {
  return works.flatMap((work) => {
    const { sector } = work;
    const from = Math.max(address, sector.address);
    const to = Math.min(address + data.length, sector.address + sector.size);
    return from < to
      ? [{ work, address: from, data: data.subarray(from - address, to - address) }]
      : [];
  });
}
