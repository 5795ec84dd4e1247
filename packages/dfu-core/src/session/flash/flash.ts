import { ENGINE_CODES } from "../../codes.ts";
import { DfuError, hex32 } from "../../errors.ts";
import type { Image } from "../../image/image.ts";
import { DEFAULT_ADDRESS } from "../../image/raw.ts";
import { findVectorTable } from "../../image/vector-table.ts";
import { locateOptions } from "../../options/locate.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { contentOf } from "../../plan/content.ts";
import { flashGeometry, sectorAt } from "../../plan/geometry.ts";
import { type FlashPlan, isSealed } from "../../plan/plan.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import { firstDifference } from "../eeprom/differs.ts";
import { eepromWork } from "../eeprom/eeprom-work.ts";
import { checkBankMode, checkSectors } from "../guards/bank-mode.ts";
import { expectOptions } from "../guards/read-options.ts";
import { recognise, type Seen } from "../guards/start.ts";
import { explainingUnwritable, refuseProtected } from "../guards/write-protection.ts";
import { leave } from "../link/leave.ts";
import { openUnit } from "../link/resync.ts";
import { finish } from "../machine/finish.ts";
import type { FlashOptions } from "../machine/options.ts";
import { progressOf } from "../machine/progress.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, emit, enterPhase, type Run, step, type Work } from "../machine/run.ts";
import { compare } from "../sectors/compare.ts";
import { imageWorks, sectorWorks, stretchesWithoutSeal } from "../sectors/sector-work.ts";
import { curedByRewrite, freshSession } from "../sectors/verify.ts";
import type { Attempt, Guarded } from "./attempt.ts";
import { bringEeprom, eepromIsRight, flashEepromAlone } from "./eeprom.ts";
import { eraseAll, sealUnit, verifyAll, writeAll } from "./phases.ts";
import { adoptSnapshot, forgetSnapshot, saveSnapshot } from "./preserve.ts";
import { refuseRemainder } from "./remainder.ts";
import { stillGuarded, stillTheSame } from "./same-unit.ts";

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
    const guards = () => guardUnit(run, plan, options);
    const { arrivals } = run.link;
    yield* guards();
    yield* bringImage(plan, options, { run, guards, guardedArrivals: arrivals });
    if (options.leave === true) {
      enterPhase(run, "leave");
      const { address, alternate } = startOf(plan, options);
      yield* leave(run, alternate, address, function* () {
        let seen: number;
        do {
          seen = run.link.arrivals;
          yield* guards();
          yield* holdsImage(run, plan, options.image);
        } while (run.link.arrivals !== seen);
      });
    }
    run.tally.figures.bytes = options.image.bytes;
  });
}

/** Throws, with nothing erased, where the unit's option bytes or bank mode are not as the release says. */
function* guardUnit(run: Run, plan: FlashPlan, options: FlashOptions & Seen): Work<void> {
  const { bankMode, expectOptions: expected } = options;
  if (bankMode === undefined) yield* checkSectors(run, plan, options);
  else yield* checkBankMode(run, bankMode, options);
  if (expected === undefined) return;
  yield* expectOptions(run, locateOptions(run.device.descriptors, options), expected);
}

/**
 * Whatever came to the port when the unit was to be started is read as a whole. Nothing more is done to one that does not hold the image:
 * throws `device.other`.
 */
function* holdsImage(run: Run, plan: FlashPlan, image: Image): Work<void> {
  enterPhase(run, "verify");
  const found = yield* firstDifference(run, plan, image, imageWorks(plan, image));
  enterPhase(run, "leave");
  if (found === undefined) return;
  const { address } = found;
  const why = `${hex32(address)} was verified, and after the unit came back it is not as in the image`;
  throw new DfuError("device.other", why, { address });
}

function* bringImage(plan: FlashPlan, options: FlashOptions & Seen, guarded: Guarded): Work<void> {
  const { image } = options;
  const { run } = guarded;
  const knownDirty = options.knownDirty === true;
  const eeprom = eepromWork(plan, image, run.device.family.eeprom, knownDirty);
  const of = progressOf(run, plan);
  if (!isSealed(plan)) {
    if (eeprom === undefined) throw new DfuError("internal.bug", "a plan that writes nothing");
    yield* flashEepromAlone(guarded, eeprom, of);
    return;
  }
  const attempt: Attempt = {
    ...guarded,
    plan,
    image,
    eeprom,
    of,
    works: sectorWorks(plan),
    content: contentOf(image, plan),
    confirmedArrivals: 0,
    proven: false,
    sealed: false,
    sealErased: false,
    adopted: undefined,
  };
  const body = plan.remainder === "preserve" ? flashPreserving : flashSectors;
  yield* explainingUnwritable(run, options, plan.sectors, () => body(attempt, options));
}

/** Where the application starts: as it was said, else at the image's vector table, else at the lowest address written. */
function startOf({ seal }: FlashPlan, options: FlashOptions & Seen) {
  const { alternate: _, ...all } = options;
  const sector = (at: number | undefined) =>
    at === undefined ? undefined : sectorAt(flashGeometry(all), at);
  const table = findVectorTable(options.image)?.address;
  const inFlash = sector(table) === undefined ? undefined : table;
  const address = options.leaveAddress ?? inFlash ?? seal?.address ?? DEFAULT_ADDRESS;
  const alternate = seal?.alternate ?? sector(address)?.alternate ?? 0;
  return { address, alternate };
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
  let eepromSame = attempt.eeprom === undefined;
  run.tally.wasCutOff = options.knownDirty === true || attempt.adopted !== undefined;
  if (options.knownDirty !== true) {
    enterPhase(run, "compare");
    for (let tries = 0; tries < COMPARE_TRIES; tries += 1) {
      yield* stillGuarded(attempt);
      yield* freshSession(run, plan.seal);
      const { whole, interrupted } = yield* compare(run, plan, works, attempt.content, of);
      run.tally.wasCutOff ||= interrupted;
      const eepromRead = yield* eepromIsRight(attempt, run.tally.wasCutOff);
      eepromSame = eepromRead === "right";
      const isGuarded = attempt.guardedArrivals === run.link.arrivals;
      if (whole && eepromRead !== "dropped" && isGuarded) break;
      eepromSame = false;
      // A drop makes everything that was read before it worthless: another unit may be on the port.
      for (const work of works) {
        work.state = "erase";
        work.before = undefined;
      }
    }
  }
  // An erase that was cut off may leave cells that read blank, or as the image, today and not tomorrow (rule 7, docs/protocol.md).
  if (run.tally.wasCutOff) for (const work of works) work.state = "erase";
  attempt.confirmedArrivals = run.link.arrivals;
  const seal = works.find((work) => work.sealed);
  const isSame = eepromSame && works.every((work) => work.state === "keep");
  if (seal !== undefined && !isSame) seal.state = "erase";
  run.tally.figures.skippedSectors = works.filter((work) => work.state !== "erase").length;
  if (isSame) return;
  if (plan.remainder === "refuse") {
    yield* refuseRemainder(run, works, options.image, options.knownDirty === true);
  }
  const wanted = works.flatMap(({ state, sector }) => (state === "keep" ? [] : [sector]));
  yield* refuseProtected(run, options, wanted);
  if (options.snapshotName !== undefined && plan.remainder === "preserve") {
    yield* saveSnapshot(attempt, options.snapshotName);
  }
  do {
    yield* stillTheSame(attempt);
    yield* stillGuarded(attempt);
  } while (attempt.confirmedArrivals !== run.link.arrivals);
  yield* step(run, { kind: "commit" });
  do {
    yield* eraseAll(attempt);
    if (!(yield* writeAll(attempt))) continue;
    if (!(yield* verifyAll(attempt, (work) => stretchesWithoutSeal(plan, work)))) continue;
    if (!(yield* bringEeprom(attempt))) continue;
    if (yield* sealUnit(attempt)) break;
  } while (true);
  yield* curedByRewrite(run, works);
}
