import { DfuError } from "../../errors.ts";
import { progress } from "../machine/progress.ts";
import { enterPhase, hasLinkIncident, type Run, type Work } from "../machine/run.ts";
import { probeAfterErase } from "../sectors/look.ts";
import {
  type SectorWork,
  type Stretch,
  stretches,
  stretchesWithoutSeal,
} from "../sectors/sector-work.ts";
import { spansOf } from "../sectors/span.ts";
import { confirmErased, RESTARTS, verify } from "../sectors/verify.ts";
import {
  eraseWork,
  rewriteSpoiled,
  rewriteWrong,
  writeNext,
  writeStretch,
} from "../sectors/write.ts";
import type { Attempt } from "./attempt.ts";
import { eepromHolds } from "./eeprom.ts";
import { stillTheSame } from "./same-unit.ts";

/** The sector with the seal first, so that from here on nothing half-flashed starts (rule 9, docs/protocol.md). */
export function* eraseAll(attempt: Attempt): Work<void> {
  const { run, plan, works, of, sealed } = attempt;
  enterPhase(run, "erase");
  const seal = works.find((work) => work.sealed);
  if (sealed && seal !== undefined && works.some((work) => work.state === "erase")) {
    seal.state = "erase";
  }
  attempt.sealed = false;
  const confirm = () => stillTheSame(attempt);
  let last: SectorWork | undefined;
  for (let done = 0; ; done += 1) {
    const pending = works.filter((work) => work.state === "erase");
    const work = pending.find(({ sealed }) => sealed) ?? pending[0];
    if (work === undefined) return;
    yield* progress(run, of, done, done + pending.length);
    if (work.sealed) attempt.sealErased = false;
    const { arrivals } = run.link;
    yield* eraseWork(run, work, confirm);
    // The data of this erase may have been lost: then it was the erase before it that the unit was at once more when it left.
    if (run.link.arrivals !== arrivals && last?.state === "write") rewriteSpoiled(run, last);
    last = work;
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
export function* writeAll(attempt: Attempt): Work<boolean> {
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

/**
 * False when a sector is wrong and must be rewritten. What was read proves nothing of a unit that came to the port afterwards, even
 * where it cannot be told from the one before: then all of it is read again.
 */
export function* verifyAll(
  attempt: Attempt,
  partsOf: (work: SectorWork) => readonly Stretch[],
): Work<boolean> {
  const { run, works, content, of } = attempt;
  enterPhase(run, "verify");
  for (let tries = 0; tries < RESTARTS; tries += 1) {
    run.tally.figures.bytes = 0;
    const wrong = yield* verify(run, works, content, of, partsOf);
    const { arrivals } = run.link;
    const same = yield* stillTheSame(attempt);
    for (const work of wrong) rewriteWrong(run, work, wrongTooOften(run, work));
    if (!same || wrong.length > 0) return false;
    if (run.link.arrivals === arrivals) return true;
  }
  throw new DfuError("link.budget", `the unit dropped off after each of ${RESTARTS} verifications`);
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
export function* sealUnit(attempt: Attempt): Work<boolean> {
  const { run, plan, works, content, of } = attempt;
  const seal = works.find((work) => work.sealed);
  if (seal === undefined) throw new DfuError("internal.bug", "no sector holds the seal");
  enterPhase(run, "seal");
  const { epoch } = run.link;
  const incidents = run.tally.incidents.length;
  const { alternate } = seal.sector;
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
  return (yield* verifyAll(attempt, stretches)) && (yield* eepromHolds(attempt));
}
