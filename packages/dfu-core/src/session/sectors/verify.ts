import type { EngineCode } from "../../codes.ts";
import { DfuError, hex32 } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import type { SealedPlan } from "../../plan/plan.ts";
import { selectAlternate } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { disarm } from "../link/shared-buffer.ts";
import { type Progress, progress } from "../machine/progress.ts";
import { incident, type Run, type Work } from "../machine/run.ts";
import { equalBytes } from "./bytes.ts";
import { holdsSetAddress, isStaleBuffer, losesData, reportLostData, STALE } from "./lost-data.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import type { SectorWork, Stretch } from "./sector-work.ts";
import { blocksOf, bytesIn, readBlockOf, type Span, slicesOf, spansOf } from "./span.ts";
import { eraseWork } from "./write.ts";

/**
 * Begins a fresh UPLOAD session. Get Commands puts 0x00 first into the buffer that the device shares for both directions:
 * should the data of the next SET_ADDRESS be lost, what is executed instead is no command (rules 1 and 10, docs/protocol.md).
 */
export function* freshSession(run: Run, place: { address: number; alternate: number }): Work<void> {
  yield* persist(run, { what: "Get Commands", ...place }, function* () {
    yield* selectAlternate(run, place.alternate);
    yield* disarm(run);
  });
}

/** Times that a verification is begun because the unit dropped off in the middle of the one before. */
const RESTARTS = 6;

/**
 * Reads back what `partsOf` names and gives the sectors that are wrong. The reads belong to one stay of
 * the unit on its port; after a drop everything is read again, so that another unit on the port is wrong everywhere. Only
 * flash whose reading makes the unit leave is judged at once.
 */
export function* verify(
  run: Run,
  works: readonly SectorWork[],
  content: Content,
  of: Progress,
  partsOf: (work: SectorWork) => readonly Stretch[],
): Work<readonly SectorWork[]> {
  const spans = spansOf(works, partsOf);
  for (let tries = 0; tries < RESTARTS; tries += 1) {
    const { arrivals } = run.link;
    // Its first block gets a SET_ADDRESS of its own, before which the buffer is made harmless where it is not.
    run.link.loseCursor();
    if (tries > 0) yield* freshSession(run, firstPlace(works));
    const looks = new Map(works.map((work) => [work, firstLook(work)]));
    const dirty = yield* lookAt(run, spans, looks, content, of);
    if (dirty.length === 0 && run.link.arrivals !== arrivals) continue;
    const readable = works.filter((work) => !dirty.includes(work));
    const wrong = readable.filter((work) =>
      judgeLook(run, looks.get(work) ?? firstLook(work), content),
    );
    return [...wrong, ...dirty];
  }
  throw new DfuError("link.budget", `the unit dropped off in each of ${RESTARTS} verifications`);
}

const firstPlace = (works: readonly SectorWork[]) => ({
  address: works[0]?.sector.address ?? 0,
  alternate: works[0]?.sector.alternate ?? 0,
});

/** What was read of a sector. */
interface Look {
  readonly work: SectorWork;
  /** Bytes that are right. */
  good: number;
  /** The first wrong byte, and the beginning of what was read with it. */
  first: { readonly address: number; readonly from: number; readonly got: Uint8Array } | undefined;
  /** Offsets that ever read back wrong, with those of this time. */
  wrong: Uint8Array | undefined;
  /** The first byte that is wrong for the second time, and what was read from there. */
  again: { readonly address: number; readonly got: Uint8Array } | undefined;
  /** Data that goes here was lost on the way. */
  stale: boolean;
}

const firstLook = (work: SectorWork): Look => ({
  ...{ work, good: 0, wrong: undefined },
  ...{ first: undefined, again: undefined, stale: false },
});

type Looks = ReadonlyMap<SectorWork, Look>;

/**
 * Reads spans block by block until the unit drops off. Gives sectors whose reading makes the unit leave, and throws where one of
 * them was rewritten before.
 */
function* lookAt(
  run: Run,
  spans: readonly Span[],
  looks: Looks,
  content: Content,
  of: Progress,
): Work<readonly SectorWork[]> {
  const { arrivals } = run.link;
  const all = bytesIn(spans);
  let done = 0;
  for (const span of spans) {
    for (const block of blocksOf(run, span)) {
      const wasStale = block.works.some((work) => looks.get(work)?.stale);
      try {
        yield* readBlockOf(run, block, (address, got) => {
          examine(run, block, looks, content, address, got);
          return run.link.arrivals === arrivals;
        });
      } catch (error) {
        if (!isDirtyFlash(error)) throw error;
        const dirty = yield* dirtyAmong(run, block);
        if (dirty.some((work) => work.rewrites > 0)) throw error;
        return dirty;
      }
      if (run.link.arrivals !== arrivals) return [];
      const isStale = block.works.some((work) => looks.get(work)?.stale);
      if (isStale && !wasStale) yield* reportLostData(run, block.address, STALE);
      done += block.length;
      yield* progress(run, of, done, all);
    }
  }
  return [];
}

/** Of the sectors that a block touches, those whose reading makes the unit leave the bus. */
function* dirtyAmong(
  run: Run,
  { works, alternate, address, length }: Span,
): Work<readonly SectorWork[]> {
  if (works.length === 1) return works;
  const dirty: SectorWork[] = [];
  for (const work of works) {
    const from = Math.max(address, work.sector.address);
    const to = Math.min(address + length, work.sector.address + work.sector.size);
    try {
      yield* readRange(run, { alternate, address: from, length: to - from }, () => true);
    } catch (error) {
      if (!isDirtyFlash(error)) throw error;
      dirty.push(work);
    }
  }
  return dirty.length > 0 ? dirty : works;
}

/** Compares what was read at `address` with what goes there. */
function examine(
  run: Run,
  block: Span,
  looks: Looks,
  content: Content,
  address: number,
  got: Uint8Array,
): void {
  const slices = slicesOf(block, address, got);
  const isRight = equalBytes(got, content.read(address, got.length));
  const lost =
    !isRight &&
    (isStaleBuffer(run, content, address, got) ||
      slices.some((slice) => holdsSetAddress(run, slice.address, slice.data)));
  for (const { work, address: from, data } of slices) {
    const look = looks.get(work);
    if (look === undefined) continue;
    if (isRight) look.good += data.length;
    else examineSlice(look, content, from, data, lost);
  }
}

function examineSlice(
  look: Look,
  content: Content,
  from: number,
  got: Uint8Array,
  lost: boolean,
): void {
  const { work } = look;
  const expected = content.read(from, got.length);
  for (let index = 0; index < got.length; index += 1) {
    if (got[index] === expected[index]) {
      look.good += 1;
      continue;
    }
    const address = from + index;
    look.first ??= { address, from, got };
    if (lost) {
      look.stale = true;
      return;
    }
    const offset = address - work.sector.address;
    look.wrong ??= work.wrong?.slice() ?? new Uint8Array(work.sector.size);
    look.wrong[offset] = 1;
    if (work.wrong?.[offset] === 1) look.again ??= { address, got: got.subarray(index) };
  }
}

/**
 * Whether a sector is wrong, which is kept with it. Throws where a byte is wrong for the second time (rule 8, docs/protocol.md), unless
 * the link has proven to lose data.
 */
function judgeLook(run: Run, look: Look, content: Content): boolean {
  const { work, good, first, wrong, again, stale } = look;
  if (again !== undefined && !stale && !losesData(run)) {
    const code = judge(run, work, again.got);
    const seen = content.isSecret(again.address)
      ? "differs from the per-unit secret that it is to hold"
      : `reads ${firstOf(again.got)}, expected ${firstOf(content.read(again.address, 1))}`;
    const detail = `${hex32(again.address)} ${seen}, again after its sector was erased and written anew`;
    throw new DfuError(code, detail, { address: again.address });
  }
  if (first === undefined) {
    run.tally.figures.bytes += good;
    return false;
  }
  work.wrong = wrong ?? work.wrong;
  work.wrongAt = first.address;
  work.wrongBlock = { address: first.from, bytes: first.got.slice(0, PROBE_BYTES) };
  return true;
}

const firstOf = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 1), (byte) => `0x${byte.toString(16).padStart(2, "0")}`).join("");

/** Why a byte is wrong twice, by what it holds now and what it held right after the erase in between. */
function judge(run: Run, work: SectorWork, got: Uint8Array): EngineCode {
  const erased = run.device.family.erasedValue;
  if (work.eraseHadNoEffect) return "flash.write_protected";
  return got[0] === erased ? "flash.silent_drop" : "flash.verify_mismatch";
}

const PROBE_BYTES = 64;

/** After the erase of a retry: whether the block that was wrong is still as it was, as evidence for {@link judge}. */
export function* probeAfterErase(run: Run, work: SectorWork): Work<void> {
  const { wrongBlock, sector } = work;
  if (wrongBlock === undefined) return;
  const { address, bytes } = wrongBlock;
  const { alternate } = sector;
  let same = true;
  yield* readRange(run, { alternate, address, length: bytes.length }, (at, data) => {
    same &&= equalBytes(data, bytes.subarray(at - address, at - address + data.length));
    return same;
  });
  work.eraseHadNoEffect = same && bytes.some((byte) => byte !== run.device.family.erasedValue);
}

/**
 * Every wrong sector is an incident of the link once its rewrite cured it; until then nobody knows whose fault it is, but where the
 * loss was proven.
 */
export function* curedByRewrite(run: Run, works: readonly SectorWork[]): Work<void> {
  for (const work of works) {
    if (work.wrongAt === undefined || losesData(run)) continue;
    yield* incident(
      run,
      "link.data_lost",
      `${hex32(work.wrongAt)} read back wrong; its sector was erased and written again`,
      work.wrongAt,
    );
  }
}

/**
 * The seal must really be gone before anything else is erased: a half-flashed unit must not start, and an interrupted one must
 * show that it is. Throws `flash.write_protected` when it stays through every erase, `flash.verify_mismatch` when some of it does.
 * After a drop `confirm` makes sure that the unit is the same, and the erase is repeated.
 */
export function* confirmErased(
  run: Run,
  plan: SealedPlan,
  work: SectorWork,
  confirm: () => Work<unknown>,
): Work<void> {
  const { alternate } = work.sector;
  const { address, length } = plan.seal;
  for (let erases = 1; ; ) {
    let wrong = 0;
    const { arrivals } = run.link;
    yield* freshSession(run, { address, alternate });
    try {
      yield* readRange(run, { address, length, alternate }, (_at, bytes) => {
        wrong += bytes.filter((byte) => byte !== plan.erasedValue).length;
        return true;
      });
    } catch (error) {
      // The erase may have been torn by the very drop after which it was repeated.
      if (!isDirtyFlash(error) || erases >= run.budgets.refusals) throw error;
      erases += 1;
    }
    if (run.link.arrivals !== arrivals) yield* confirm();
    else if (wrong === 0) return;
    else if (erases >= run.budgets.refusals) {
      throw new DfuError(
        wrong === length ? "flash.write_protected" : "flash.verify_mismatch",
        `${hex32(address)} is not erased after ${erases} erases that were acknowledged, in ${wrong} of ${length} bytes`,
        { address },
      );
    } else erases += 1;
    yield* eraseWork(run, work, confirm);
  }
}
