import { ENGINE_CODES } from "../../codes.ts";
import { DfuError, hex32 } from "../../errors.ts";
import { locateOptions } from "../../options/locate.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { contentOf } from "../../plan/content.ts";
import { flashGeometry, sectorAt } from "../../plan/geometry.ts";
import type { FlashPlan } from "../../plan/plan.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import { checkBankMode, checkSectors } from "../guards/bank-mode.ts";
import { expectOptions } from "../guards/read-options.ts";
import { recognise, type Seen } from "../guards/start.ts";
import { explainingUnwritable, refuseProtected } from "../guards/write-protection.ts";
import { leave } from "../link/leave.ts";
import { openUnit } from "../link/resync.ts";
import { finish } from "../machine/finish.ts";
import type { FlashOptions } from "../machine/options.ts";
import { progress, progressOf } from "../machine/progress.ts";
import type { FlashReport } from "../machine/report.ts";
import {
  createRun,
  emit,
  enterPhase,
  hasLinkIncident,
  type Run,
  step,
  type Work,
} from "../machine/run.ts";
import { compare } from "../sectors/compare.ts";
import {
  type SectorWork,
  type Stretch,
  sectorWorks,
  stretches,
  stretchesWithoutSeal,
} from "../sectors/sector-work.ts";
import { spansOf } from "../sectors/span.ts";
import {
  confirmErased,
  curedByRewrite,
  freshSession,
  probeAfterErase,
  verify,
} from "../sectors/verify.ts";
import {
  eraseWork,
  rewriteSpoiled,
  rewriteWrong,
  writeNext,
  writeStretch,
} from "../sectors/write.ts";
import type { Attempt } from "./attempt.ts";
import { adoptSnapshot, forgetSnapshot, saveSnapshot } from "./preserve.ts";
import { refuseRemainder } from "./remainder.ts";
import { confirmSameUnit } from "./same-unit.ts";

/** The plan alone; nothing is sent. The report says `attempt.cancelled`, for a plan is never a PASS. */
function* dryRun(run: Run, options: FlashOptions & Seen): Work<FlashReport> {
  const report = yield* finish(run, false, function* () {
    yield* makePlan(run, options);
  });
  if (report.outcome === "FAIL") return report;
  const code = "attempt.cancelled";
  const detail = "dry run: it ends with the plan";
  const { blame } = ENGINE_CODES[code];
  return { ...report, outcome: "FAIL", code, blame, phase: run.tally.phase, detail };
}

function* makePlan(run: Run, options: FlashOptions & Seen): Work<FlashPlan> {
  recognise(run, options);
  const plan = planFlash({ ...options, profile: run.link.profile });
  run.budgets = budgetsFor(plan.estimateMs);
  yield* emit(run, { event: "planned", plan, identity: run.device.identity });
  return plan;
}

/** Throws `usage.range` before anything is erased where there is no memory to start from. */
function checkLeaveAddress(options: FlashOptions & Seen): void {
  const { leaveAddress } = options;
  if (leaveAddress === undefined) return;
  const { alternate: _, ...all } = options;
  if (sectorAt(flashGeometry(all), leaveAddress) !== undefined) return;
  throw new DfuError(
    "usage.range",
    `${hex32(leaveAddress)} is outside the unit's memory; no application starts there`,
    { address: leaveAddress },
  );
}

/** One attempt: plan, compare, erase, write, verify, seal, leave. Never throws: a failure is a report with its code. */
export function* flashMachine(options: FlashOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  if (options.dryRun === true) return yield* dryRun(run, options);
  return yield* finish(run, true, function* () {
    const plan = yield* makePlan(run, options);
    checkLeaveAddress(options);
    yield* emit(run, { event: "started", profile: run.link.profile.name });
    yield* openUnit(run);
    if (options.bankMode === undefined) yield* checkSectors(run, plan, options);
    else yield* checkBankMode(run, options.bankMode, options);
    if (options.expectOptions !== undefined) {
      yield* expectOptions(
        run,
        locateOptions(run.device.descriptors, options),
        options.expectOptions,
      );
    }
    const attempt: Attempt = {
      run,
      plan,
      image: options.image,
      works: sectorWorks(plan),
      content: contentOf(options.image, plan),
      of: progressOf(run, plan),
      confirmedArrivals: 0,
      sealed: false,
      sealErased: false,
      adopted: undefined,
    };
    const body = plan.remainder === "preserve" ? flashPreserving : flashSectors;
    yield* explainingUnwritable(run, options, plan.sectors, () => body(attempt, options));
    if (options.leave === true) {
      enterPhase(run, "leave");
      yield* leave(run, plan.seal.alternate, options.leaveAddress ?? plan.seal.address);
    }
    run.tally.figures.bytes = options.image.bytes;
  });
}

/** With what partly covered sectors hold in durable storage from before the first erase until all is verified. */
function* flashPreserving(attempt: Attempt, options: FlashOptions): Work<void> {
  const { run } = attempt;
  const { snapshotName: name } = options;
  if (name === undefined) {
    throw new DfuError("usage.argument", "preserving needs the unit's name in snapshot storage");
  }
  yield* adoptSnapshot(attempt, name, options.knownDirty === true);
  try {
    yield* flashSectors(attempt, options);
  } catch (error) {
    if (!run.tally.touched && attempt.adopted === undefined) yield* forgetSnapshot(run, name);
    throw error;
  }
  yield* forgetSnapshot(run, name);
}

const COMPARE_TRIES = 3;

function* flashSectors(attempt: Attempt, options: FlashOptions): Work<void> {
  const { run, plan, works, of } = attempt;
  if (options.knownDirty !== true) {
    enterPhase(run, "compare");
    for (let tries = 0; tries < COMPARE_TRIES; tries += 1) {
      yield* freshSession(run, plan.seal);
      if (yield* compare(run, plan, works, attempt.content, of)) break;
      // A drop makes everything that was read before it worthless: another unit may be on the port.
      for (const work of works) {
        work.state = "erase";
        work.before = undefined;
      }
    }
  }
  attempt.confirmedArrivals = run.link.arrivals;
  const seal = works.find((work) => work.sealed);
  if (seal !== undefined && works.some((work) => work.state !== "keep")) seal.state = "erase";
  run.tally.figures.skippedSectors = works.filter((work) => work.state !== "erase").length;
  if (works.every((work) => work.state === "keep")) return;
  if (plan.remainder === "refuse") {
    yield* refuseRemainder(run, works, options.image, options.knownDirty === true);
  }
  const wanted = works.flatMap(({ state, sector }) => (state === "keep" ? [] : [sector]));
  yield* refuseProtected(run, options, { wanted, next: plan.seal });
  if (options.snapshotName !== undefined && plan.remainder === "preserve") {
    yield* saveSnapshot(attempt, options.snapshotName);
  }
  yield* stillTheSame(attempt);
  yield* step(run, { kind: "commit" });
  do {
    yield* eraseAll(attempt);
    if (!(yield* writeAll(attempt))) continue;
    if (!(yield* verifyAll(attempt, (work) => stretchesWithoutSeal(plan, work)))) continue;
    if (yield* sealUnit(attempt)) break;
  } while (true);
  yield* curedByRewrite(run, works);
}

/** The sector with the seal first, so that from here on nothing half-flashed starts (rule 9, docs/protocol.md). */
function* eraseAll(attempt: Attempt): Work<void> {
  const { run, plan, works, of, sealed } = attempt;
  enterPhase(run, "erase");
  const seal = works.find((work) => work.sealed);
  if (sealed && seal !== undefined && works.some((work) => work.state === "erase")) {
    seal.state = "erase";
  }
  attempt.sealed = false;
  const confirm = () => stillTheSame(attempt);
  for (let done = 0; ; done += 1) {
    const pending = works.filter((work) => work.state === "erase");
    const work = pending.find(({ sealed }) => sealed) ?? pending[0];
    if (work === undefined) return;
    yield* progress(run, of, done, done + pending.length);
    if (work.sealed) attempt.sealErased = false;
    yield* eraseWork(run, work, confirm);
    if (work.sealed) {
      yield* confirmErased(run, plan, work, confirm);
      attempt.sealErased = true;
      run.tally.startable = false;
    }
    if (work.rewrites > 0) yield* probeAfterErase(run, work);
    yield* stillTheSame(attempt);
  }
}

/** False when something must be erased again. */
function* writeAll(attempt: Attempt): Work<boolean> {
  const { run, plan, works, content, of } = attempt;
  enterPhase(run, "write");
  const total = works.reduce((sum, work) => sum + bytesOf(work), 0);
  const waiting = works.filter((work) => work.state === "write");
  let done = total - waiting.reduce((sum, work) => sum + bytesOf(work), 0);
  const withoutSeal = (work: SectorWork) => stretchesWithoutSeal(plan, work);
  for (const work of waiting) if (withoutSeal(work).length === 0) work.state = "written";
  for (const span of spansOf(waiting, withoutSeal)) {
    // A block that goes astray may fall on what was written before it, never on what lies between.
    run.link.loseChain();
    for (let at = span.address; at < span.address + span.length; ) {
      const bytes = yield* writeNext(run, plan, span, at, content);
      // Where a sector must be erased again, that comes first.
      if (!(yield* stillTheSame(attempt))) return false;
      at += bytes;
      done += bytes;
      yield* progress(run, of, done, total);
    }
  }
  return works.every((work) => work.state !== "erase");
}

const bytesOf = (work: SectorWork): number =>
  work.pieces.reduce((sum, piece) => sum + piece.length, 0);

/** After a drop the unit must first show that it is the same (rule 14, docs/protocol.md). False when a sector must be erased. */
function* stillTheSame(attempt: Attempt): Work<boolean> {
  const { run, works } = attempt;
  while (attempt.confirmedArrivals !== run.link.arrivals) {
    const { arrivals } = run.link;
    yield* confirmSameUnit(attempt);
    attempt.confirmedArrivals = arrivals;
  }
  return works.every((work) => work.state !== "erase");
}

/** False when a sector is wrong and must be rewritten. */
function* verifyAll(
  attempt: Attempt,
  partsOf: (work: SectorWork) => readonly Stretch[],
): Work<boolean> {
  const { run, works, content, of } = attempt;
  enterPhase(run, "verify");
  run.tally.figures.bytes = 0;
  const wrong = yield* verify(run, works, content, of, partsOf);
  const same = yield* stillTheSame(attempt);
  for (const work of wrong) rewriteWrong(run, work, wrongTooOften(run, work));
  return same && wrong.length === 0;
}

/** The sector is wrong after every rewrite, each time elsewhere. If the link had other failures too, the link did it. */
const wrongTooOften = (run: Run, work: SectorWork): DfuError =>
  new DfuError(
    hasLinkIncident(run) ? "link.budget" : "flash.verify_mismatch",
    `the sector reads back wrong after each of ${work.rewrites} rewrites`,
    { address: work.wrongAt ?? work.sector.address },
  );

/**
 * Writes the seal and reads its block back. If an incident or a drop happens meanwhile, everything is verified once more. False
 * when a sector must be rewritten.
 */
function* sealUnit(attempt: Attempt): Work<boolean> {
  const { run, plan, works, content, of } = attempt;
  const seal = works.find((work) => work.sealed);
  if (seal === undefined) throw new DfuError("internal.bug", "no sector holds the seal");
  enterPhase(run, "seal");
  const { epoch } = run.link;
  const incidents = run.tally.incidents.length;
  const { alternate } = seal.sector;
  yield* freshSession(run, { address: plan.seal.address, alternate });
  if (!(yield* stillTheSame(attempt))) return false;
  attempt.sealed = true;
  run.tally.startable = true;
  const written = yield* writeStretch(run, plan, seal, { ...plan.seal, alternate }, content);
  attempt.sealErased = written === "unwritten";
  if (written !== "written") {
    yield* stillTheSame(attempt);
    rewriteSpoiled(run, seal);
    return false;
  }
  const { address, length } = plan.seal;
  const ends = seal.pieces.map((part) => part.address + part.length);
  const rest = Math.min(...ends.filter((end) => end > address)) - address;
  const sealBlock = [
    { alternate, address, length: Math.max(length, Math.min(rest, plan.transferSize)) },
  ];
  const wrong = yield* verify(run, [seal], content, of, () => sealBlock);
  const quiet = run.link.epoch === epoch && run.tally.incidents.length === incidents;
  if (wrong.length === 0 && quiet) return true;
  if (wrong.length > 0) {
    yield* stillTheSame(attempt);
    rewriteWrong(run, seal, wrongTooOften(run, seal));
    return false;
  }
  return yield* verifyAll(attempt, stretches);
}
