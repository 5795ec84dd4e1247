import type { EngineCode } from "../../codes.ts";
import { DfuError, hex32 } from "../../errors.ts";
import type { Content } from "../../plan/content.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { persist } from "../link/retry.ts";
import { getCommands } from "../link/shared-buffer.ts";
import { type Progress, progress } from "../machine/progress.ts";
import { incident, type Run, type Work } from "../machine/run.ts";
import { equalBytes } from "./bytes.ts";
import { isStaleBuffer, losesData, reportLostData } from "./lost-data.ts";
import { isDirtyFlash, readRange } from "./read-range.ts";
import type { SectorWork, Stretch } from "./sector-work.ts";
import { eraseWork } from "./write.ts";

/**
 * Begins a fresh UPLOAD session. Get Commands puts 0x00 first into the buffer that the device shares for both directions:
 * should the data of the next SET_ADDRESS be lost, what is executed instead is no command (rules 1 and 10, docs/protocol.md).
 */
export function* freshSession(run: Run, place: { address: number; alternate: number }): Work<void> {
  run.link.loseCursor();
  run.link.setState(undefined);
  yield* persist(run, { what: "Get Commands", ...place }, () => getCommands(run));
  run.link.setState(undefined);
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
  const all = works.reduce((sum, work) => sum + work.sector.size - work.sector.remainder, 0);
  for (let tries = 0; tries < RESTARTS; tries += 1) {
    const { arrivals } = run.link;
    yield* freshSession(run, firstPlace(works));
    const found: Finding[] = [];
    let done = 0;
    for (const work of works) {
      try {
        const finding = yield* verifySector(run, work, partsOf(work), content);
        if (run.link.arrivals !== arrivals) break;
        if (finding !== undefined) {
          found.push(finding);
          if (finding.stale !== undefined) yield* reportLostData(run, finding.stale);
        }
      } catch (error) {
        if (!isDirtyFlash(error) || work.rewrites > 0) throw error;
        return [...found.map(keep), work];
      }
      done += work.sector.size - work.sector.remainder;
      yield* progress(run, of, done, all);
    }
    if (run.link.arrivals === arrivals) return found.map(keep);
  }
  throw new DfuError("link.budget", `the unit dropped off in each of ${RESTARTS} verifications`);
}

const firstPlace = (works: readonly SectorWork[]) => ({
  address: works[0]?.sector.address ?? 0,
  alternate: works[0]?.sector.alternate ?? 0,
});

/** A sector that reads back wrong. */
interface Finding {
  readonly work: SectorWork;
  readonly wrong: Uint8Array;
  readonly at: number;
  readonly block: { readonly address: number; readonly bytes: Uint8Array };
  /** Address of the first block whose data was lost on the way. */
  readonly stale: number | undefined;
}

/** Marks wrong bytes for good. */
function keep({ work, wrong, at, block }: Finding): SectorWork {
  work.wrong = wrong;
  work.wrongAt = at;
  work.wrongBlock = block;
  return work;
}

/**
 * Throws where a byte is wrong for the second time (rule 8, docs/protocol.md), unless the link has proven to lose data. What was read over a
 * drop says nothing.
 */
function* verifySector(
  run: Run,
  work: SectorWork,
  parts: readonly Stretch[],
  content: Content,
): Work<Finding | undefined> {
  const { arrivals } = run.link;
  const wrong = work.wrong?.slice() ?? new Uint8Array(work.sector.size);
  let first: { address: number; block: number; got: Uint8Array } | undefined;
  let again: { address: number; got: Uint8Array } | undefined;
  let stale: number | undefined;
  let good = 0;
  for (const part of parts) {
    yield* readRange(run, part, (address, got) => {
      const expected = content.read(address, got.length);
      if (equalBytes(got, expected)) {
        good += got.length;
        return true;
      }
      const lost = isStaleBuffer(run, content, address, got);
      if (lost) stale ??= address;
      for (let index = 0; index < got.length; index += 1) {
        if (got[index] === expected[index]) {
          good += 1;
          continue;
        }
        const at = address + index;
        first ??= { address: at, block: address, got };
        if (lost) break;
        const offset = at - work.sector.address;
        wrong[offset] = 1;
        if (work.wrong?.[offset] === 1) again ??= { address: at, got: got.subarray(index) };
      }
      return true;
    });
  }
  if (run.link.arrivals !== arrivals) return undefined;
  if (again !== undefined && stale === undefined && !losesData(run)) {
    const code = judge(run, work, again.got);
    const seen = content.isSecret(again.address)
      ? "differs from the per-unit secret that it is to hold"
      : `reads ${firstOf(again.got)}, expected ${firstOf(content.read(again.address, 1))}`;
    const detail = `${hex32(again.address)} ${seen}, again after its sector was erased and written anew`;
    throw new DfuError(code, detail, { address: again.address });
  }
  if (first === undefined) {
    run.tally.figures.bytes += good;
    return undefined;
  }
  const block = { address: first.block, bytes: first.got.slice(0, PROBE_BYTES) };
  return { work, wrong, at: first.address, block, stale };
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
  plan: FlashPlan,
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
