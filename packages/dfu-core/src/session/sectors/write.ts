import { DfuError } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { concerns, QUIRKS } from "../../quirks/index.ts";
import { readBlock, writeBlock, writeLength } from "../link/blocks.ts";
import { eraseSector, eraseSurely } from "../link/commands.ts";
import { cure, persist, succeeded, surelyNotExecuted } from "../link/retry.ts";
import { Trouble } from "../link/trouble.ts";
import { type Run, shrinkBlocks, type Work } from "../machine/run.ts";
import { consistsOf, equalBytes } from "./bytes.ts";
import { isBlank } from "./compare.ts";
import { lossExplains, reportLostData } from "./lost-data.ts";
import { readRange } from "./read-range.ts";
import { refusalsWithin, type SectorWork, type Stretch } from "./sector-work.ts";
import { blockAt, type Span, slicesOf } from "./span.ts";

/**
 * `spoiled`: what the granules hold is not known, and the sector must be erased (rule 8, docs/protocol.md). `unwritten`: the unit dropped
 * off before anything was programmed. `unerased`: a sector was not erased; those that must be are marked.
 */
export type Written = "written" | "spoiled" | "unwritten" | "unerased";

/**
 * Erases; repeating an erase of unknown fate is harmless on the same unit, which `confirm` makes sure of after a drop. A unit
 * with the quirk "busy-wedge" hangs after every erase of some sectors, and has erased them.
 */
export function* eraseWork(run: Run, work: SectorWork, confirm: () => Work<unknown>): Work<void> {
  const { address, size, alternate } = work.sector;
  let wedged = false;
  let { arrivals } = run.link;
  work.before = undefined;
  yield* persist(run, { what: "erase", address, alternate }, function* () {
    if (run.link.arrivals !== arrivals) {
      arrivals = run.link.arrivals;
      // What is read to confirm is no progress of the erase.
      const { row } = run.link;
      yield* confirm();
      run.link.setRow(row);
    }
    if (wedged && (yield* isBlank(run, [{ alternate, address, length: size }]))) return;
    try {
      const mayBeTorn = run.tally.wasCutOff || run.link.arrivals > 0;
      yield* mayBeTorn ? eraseSurely(run, work.sector) : eraseSector(run, work.sector);
    } catch (error) {
      wedged =
        error instanceof Trouble &&
        error.code === "link.busy_wedge" &&
        concerns(QUIRKS["busy-wedge"], run.device.family);
      throw error;
    }
  });
  if (!work.erased) {
    run.tally.figures.erasedSectors += 1;
    run.tally.figures.erasedRemainder += work.sector.remainder;
  }
  work.erased = true;
  work.state = "write";
}

/** Programs the next block of a span of erased sectors and gives its length: 0 where a sector that it touches must be erased again. */
export function* writeNext(
  run: Run,
  plan: FlashPlan,
  span: Span,
  at: number,
  content: Content,
): Work<number> {
  const { works, length } = blockAt(
    run,
    span,
    at,
    writeLength(run, at, span.address + span.length),
  );
  // No more than that, also where larger blocks are taken again meanwhile.
  const block = () => content.read(at, writeLength(run, at, at + length));
  const done = yield* writeOnce(run, plan, works, at, length, block);
  if (done.kind !== "written") {
    if (done.kind !== "unerased") for (const work of works) rewriteSpoiled(run, work);
    return 0;
  }
  for (const work of works) {
    if (endOf(work) > at + done.bytes) continue;
    work.state = "written";
    yield* foundErased(run, work);
  }
  return done.bytes;
}

const endOf = ({ pieces }: SectorWork): number => {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.address + last.length;
};

/** Programs a stretch inside one sector. Blocks that are nothing but the erased value are left out: the sector is erased. */
export function* writeStretch(
  run: Run,
  plan: FlashPlan,
  work: SectorWork,
  stretch: Stretch,
  content: Content,
): Work<Written> {
  const end = stretch.address + stretch.length;
  for (let at = stretch.address; at < end; ) {
    const block = () => content.read(at, writeLength(run, at, end));
    const done = yield* writeOnce(run, plan, [work], at, end - at, block);
    if (done.kind !== "written") return at === stretch.address ? done.kind : "spoiled";
    at += done.bytes;
  }
  return "written";
}

type BlockDone =
  | { readonly kind: "written"; readonly bytes: number }
  | { readonly kind: Exclude<Written, "written"> };

/**
 * Programs one block of at most `length` bytes at most once. It is sent again only when it certainly was not executed, or where reading
 * proves that it is still erased. A unit that keeps refusing it, across rewrites of its sector, is believed.
 */
function* writeOnce(
  run: Run,
  plan: FlashPlan,
  works: readonly [SectorWork, ...SectorWork[]],
  address: number,
  length: number,
  block: () => Uint8Array,
): Work<BlockDone> {
  const { alternate } = works[0].sector;
  const place = { what: "write", address, alternate };
  const refusals = refusalsWithin(works, address, length);
  let isUnerased = false;
  const excuse = function* (data: Uint8Array): Work<boolean> {
    isUnerased = yield* findUnerased(run, plan, works, address, data);
    return isUnerased;
  };
  for (;;) {
    const { arrivals } = run.link;
    const data = block();
    const written = { kind: "written", bytes: data.length } as const;
    if (consistsOf(data, plan.erasedValue)) return written;
    try {
      yield* writeBlock(run, alternate, address, data, works[0].sector.address);
      yield* succeeded(run, refusals, place);
      return written;
    } catch (error) {
      const result = yield* cure(run, error, refusals, place, () => excuse(data));
      if (isUnerased) return { kind: "unerased" };
      const unwritten = surelyNotExecuted(error, result);
      if (run.link.arrivals !== arrivals) return { kind: unwritten ? "unwritten" : "spoiled" };
      if (unwritten) continue;
      const found = yield* inspect(run, plan, alternate, address, data);
      if (result.rung === "bus reset") yield* learnFromReset(run, found, data.length);
      if (found === "written") {
        yield* succeeded(run, refusals, place);
        return written;
      }
      if (found !== "erased" || run.device.family.ecc) return { kind: "spoiled" };
    }
  }
}

/**
 * Of a block that was refused, marks the sectors that hold neither the erased value nor the image: the data of their erase was lost,
 * and the device executed its last command once more. Those of the block that are not blank any more are marked with them. A sector
 * that no erase helps is the unit's own, unless what the link loses explains it.
 */
function* findUnerased(
  run: Run,
  plan: FlashPlan,
  works: readonly SectorWork[],
  address: number,
  data: Uint8Array,
): Work<boolean> {
  const { arrivals } = run.link;
  const { alternate } = works[0]?.sector ?? { alternate: 0 };
  const looks = new Map(works.map((work) => [work, { isBlank: true, isOld: false }]));
  yield* readRange(run, { alternate, address, length: data.length }, (at, got) => {
    for (const { work, address: from, data: bytes } of slicesOf({ works }, at, got)) {
      const look = looks.get(work);
      if (look === undefined) continue;
      look.isBlank &&= consistsOf(bytes, plan.erasedValue);
      look.isOld ||= bytes.some(
        (byte, index) => byte !== plan.erasedValue && byte !== data[from - address + index],
      );
    }
    return run.link.arrivals === arrivals;
  });
  const old = works.filter((work) => looks.get(work)?.isOld);
  if (old.length === 0 || run.link.arrivals !== arrivals) return false;
  for (const work of old) work.erasesLost += 1;
  if (old.some(({ erasesLost }) => isTheUnits(run, erasesLost))) return false;
  for (const work of works) {
    if (looks.get(work)?.isBlank === true && !run.device.family.ecc) continue;
    refuseLocked(work);
    if (work.erasesLost > run.budgets.sectorSpoils) rewriteSpoiled(run, work);
    work.state = "erase";
  }
  return true;
}

const isTheUnits = (run: Run, erasesLost: number): boolean =>
  erasesLost >= run.budgets.refusals && !lossExplains(run, erasesLost);

/** A sector took all of its blocks: so an erase cured it, and the ones before were lost. A part proves nothing: a unit may erase too little. */
function* foundErased(run: Run, work: SectorWork): Work<void> {
  if (work.erasesLost === 0) return;
  run.link.countLost(work.erasesLost - 1);
  work.erasesLost = 0;
  const { address } = work.sector;
  const why = "was not erased by an erase that was acknowledged: its data was lost";
  yield* reportLostData(run, address, why);
}

/** A bus reset ended the silence of a unit that was to program a block, which was read back then. */
export function* learnFromReset(run: Run, found: Found, bytes: number): Work<void> {
  if (found === "erased") {
    run.patience.proveWedge();
    yield* shrinkBlocks(run, bytes, "link.busy_wedge");
  } else run.patience.disproveWedge();
}

export type Found = "written" | "erased" | "spoiled";

/** What became of a block of unknown fate. Never read again after a drop: a torn word can fault its reader (rule 7, docs/protocol.md). */
function* inspect(
  run: Run,
  plan: FlashPlan,
  alternate: number,
  address: number,
  data: Uint8Array,
): Work<Found> {
  const { arrivals } = run.link;
  const place = { what: "inspect", address, alternate };
  const got = yield* persist(run, place, function* () {
    return run.link.arrivals === arrivals
      ? yield* readBlock(run, alternate, address, data.length)
      : undefined;
  });
  if (got === undefined || run.link.arrivals !== arrivals) return "spoiled";
  if (equalBytes(got, data)) return "written";
  return consistsOf(got, plan.erasedValue) ? "erased" : "spoiled";
}

/** The sector must be erased again because it reads back wrong; throws `error` when that happened too often. */
export function rewriteWrong(run: Run, work: SectorWork, error: DfuError): void {
  refuseLocked(work);
  work.rewrites += 1;
  if (work.rewrites > run.budgets.sectorRewrites) throw error;
  work.state = "erase";
}

/** The sector must be erased again because the link failed in the middle of it. */
export function rewriteSpoiled(run: Run, work: SectorWork): void {
  refuseLocked(work);
  work.before = undefined;
  work.spoils += 1;
  if (work.spoils > run.budgets.sectorSpoils) {
    throw new DfuError(
      "link.budget",
      `the sector could not be written without a failure of the link in ${work.spoils} tries`,
      { address: work.sector.address },
    );
  }
  work.state = "erase";
}

function refuseLocked({ locked, sector: { address } }: SectorWork): void {
  if (!locked) return;
  const why = "a sector must be rewritten that the recipe forbids to erase";
  throw new DfuError("plan.remainder", why, { address });
}
