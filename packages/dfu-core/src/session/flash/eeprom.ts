import { DfuError } from "../../errors.ts";
import type { EepromWork } from "../eeprom/eeprom-work.ts";
import { differsFromImage, firstWrong } from "../eeprom/read-eeprom.ts";
import { writeEeprom } from "../eeprom/write-eeprom.ts";
import type { Progress } from "../machine/progress.ts";
import { enterPhase, step, type Work } from "../machine/run.ts";
import { rewriteWrong } from "../sectors/write.ts";
import type { Attempt, Guarded } from "./attempt.ts";
import { stillGuarded, stillTheSame } from "./same-unit.ts";

/**
 * Whether data EEPROM holds the image already. `interrupted`: an earlier attempt was cut off, so that a word which reads right may be
 * half written; then nothing is read, and all of it is written.
 */
export function* eepromIsRight(
  { run, eeprom }: Attempt,
  interrupted: boolean,
): Work<"right" | "wrong" | "dropped"> {
  if (eeprom === undefined) return "right";
  if (interrupted) {
    eeprom.trusted = false;
    return "wrong";
  }
  const { arrivals } = run.link;
  const wrong = yield* firstWrong(run, eeprom, "image");
  if (run.link.arrivals !== arrivals) return "dropped";
  return wrong === undefined ? "right" : "wrong";
}

const STRANGE =
  "the unit left its port while its data EEPROM was written, and nothing that it holds tells it from another one";

/**
 * Brings data EEPROM to what the image has for it, once the flash was verified and while the seal is erased (rule 20, docs/protocol.md).
 * False when the flash must be looked at again first. Throws `link.lost` after a drop where only blank memory could be compared: the bytes
 * beside the image would then go to a unit that may be another one.
 */
export function* bringEeprom(attempt: Attempt): Work<boolean> {
  const { run, eeprom, of } = attempt;
  if (eeprom === undefined) return true;
  if (!(yield* stillTheSame(attempt))) return false;
  if (!eeprom.besideKnown) attempt.proven = true;
  else if (!attempt.proven) {
    if (eeprom.begun) throw new DfuError("link.lost", STRANGE);
    eeprom.besideKnown = false;
    attempt.proven = true;
  }
  const incidents = run.tally.incidents.length;
  const { kind, wrote } = yield* writeEeprom(run, eeprom, of);
  if (kind === "dropped") {
    yield* stillTheSame(attempt);
    return false;
  }
  // Anything odd while something was written: the flash is read once more, and this time nothing is written.
  return !wrote || run.tally.incidents.length === incidents;
}

/** After the seal was written and something odd happened. False where it does not hold; then the seal is erased again first. */
export function* eepromHolds(attempt: Attempt): Work<boolean> {
  const { run, eeprom, works } = attempt;
  if (eeprom === undefined) return true;
  const { arrivals } = run.link;
  const address = yield* firstWrong(run, eeprom, "words");
  if (address === undefined && run.link.arrivals === arrivals) return true;
  yield* stillTheSame(attempt);
  const seal = works.find((work) => work.sealed);
  if (seal === undefined) throw new DfuError("internal.bug", "no sector holds the seal");
  const why = "data EEPROM was right, and is not any more";
  const error = new DfuError("link.budget", why, address === undefined ? {} : { address });
  rewriteWrong(run, seal, error);
  return false;
}

/** An image without bytes for the flash. Nothing keeps the application from starting meanwhile, as there is no seal. */
export function* flashEepromAlone(attempt: Guarded, work: EepromWork, of: Progress): Work<void> {
  const { run } = attempt;
  if (work.trusted) {
    enterPhase(run, "compare");
    let differs: number | undefined;
    do {
      yield* stillGuarded(attempt);
      differs = yield* differsFromImage(run, work);
    } while (attempt.guardedArrivals !== run.link.arrivals);
    if (differs === undefined) return;
  }
  yield* step(run, { kind: "commit" });
  run.tally.startable = true;
  for (;;) {
    yield* stillGuarded(attempt);
    const { kind } = yield* writeEeprom(run, work, of);
    if (kind === "right") return;
    // Whatever unit it is, nothing was done to it.
    if (work.begun) throw new DfuError("link.lost", STRANGE);
  }
}
