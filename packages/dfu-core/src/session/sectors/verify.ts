import { DfuError, hex32 } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import type { SealedPlan } from "../../plan/plan.ts";
import { selectAlternate } from "../link/requests.ts";
import { persist } from "../link/retry.ts";
import { disarm } from "../link/shared-buffer.ts";
import { type Progress, progress } from "../machine/progress.ts";
import { incident, type Run, type Work } from "../machine/run.ts";
import { examine, firstLook, judgeLook, type Looks } from "./look.ts";
import { losesData, lossExplains, reportLostData, STALE } from "./lost-data.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import type { SectorWork, Stretch } from "./sector-work.ts";
import { blocksOf, bytesIn, readBlockOf, type Span, spansOf } from "./span.ts";
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
export const RESTARTS = 6;

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
      let isStale = false;
      try {
        yield* readBlockOf(run, block, (address, got) => {
          if (examine(run, block, looks, content, address, got) === "stale") isStale = true;
          return run.link.arrivals === arrivals;
        });
      } catch (error) {
        if (!isDirtyFlash(error)) throw error;
        const dirty = yield* dirtyAmong(run, block);
        for (const work of dirty) work.dirty += 1;
        // An erase that was lost leaves such words as well: they are programmed twice.
        if (dirty.some((work) => work.rewrites > 0 && !lossExplains(run, work.dirty))) throw error;
        return dirty;
      }
      if (run.link.arrivals !== arrivals) return [];
      if (isStale && wasStale) run.link.countLost();
      else if (isStale) yield* reportLostData(run, block.address, STALE);
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

/** Whether a sector that was not erased after so many erases is not erased again. */
const isErasedNoMore = (run: Run, erases: number): boolean =>
  erases >= (lossExplains(run, erases) ? run.budgets.sectorSpoils : run.budgets.refusals);

const lostErases = (address: number, erases: number): DfuError =>
  new DfuError("link.budget", `${hex32(address)} is not erased: the link lost ${erases} erases`, {
    address,
  });

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
      if (!isDirtyFlash(error)) throw error;
      if (isErasedNoMore(run, erases))
        throw lossExplains(run, erases) ? lostErases(address, erases) : error;
      erases += 1;
    }
    if (run.link.arrivals !== arrivals) yield* confirm();
    else if (wrong === 0) return;
    else if (isErasedNoMore(run, erases)) {
      if (lossExplains(run, erases)) throw lostErases(address, erases);
      throw new DfuError(
        wrong === length ? "flash.write_protected" : "flash.verify_mismatch",
        `${hex32(address)} is not erased after ${erases} erases that were acknowledged, in ${wrong} of ${length} bytes`,
        { address },
      );
    } else erases += 1;
    yield* eraseWork(run, work, confirm);
  }
}
