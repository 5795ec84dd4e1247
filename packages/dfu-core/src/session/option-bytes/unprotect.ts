import { DfuError, hex32 } from "../../errors.ts";
import { massEraseTimes } from "../../pacing/budgets.ts";
import { flashGeometry } from "../../plan/geometry.ts";
import { DfuSeCommand } from "../../protocol/constants.ts";
import { type Seen, start } from "../guards/start.ts";
import { openUnit, reenumerate } from "../link/resync.ts";
import { persist } from "../link/retry.ts";
import { getCommands } from "../link/shared-buffer.ts";
import { finish } from "../machine/finish.ts";
import type { ChipOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Run, step, type Work } from "../machine/run.ts";
import { firstNotErased } from "../sectors/first-not-erased.ts";
import { operateUntilReset } from "./self-reset.ts";
import { weighFlash } from "./set-rdp.ts";

/** What a person types before a unit is erased and opened. */
export const UNPROTECT_CONFIRMATION = "read-unprotect";

/** What lifting read protection needs: it erases the whole flash. */
export interface UnprotectOptions extends ChipOptions {
  /** {@link UNPROTECT_CONFIRMATION}, typed by a person. */
  readonly confirmed?: string;
}

/**
 * Lifts read protection, which erases the flash: only on a unit proven protected (rule 15, docs/protocol.md), and 0x92 is sent once.
 * PASS when the unit came back and its whole flash reads blank.
 */
export function* unprotectMachine(options: UnprotectOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    if (options.confirmed !== UNPROTECT_CONFIRMATION) {
      throw new DfuError("usage.confirm", `this needs the confirmation ${UNPROTECT_CONFIRMATION}`);
    }
    const sectors = flashGeometry(options).filter(({ flashable }) => flashable);
    yield* start(run, options);
    enterPhase(run, "protection");
    const { arrivals } = run.link;
    const { verdict, lines } = yield* weighFlash(run, options.descriptors);
    const evidence = lines.join("; ");
    if (verdict === "open") throw new DfuError("protection.none", evidence);
    if (verdict === "not_proven") throw new DfuError("protection.not_proven", evidence);
    yield* step(run, { kind: "commit" });
    yield* liftProtection(run, arrivals);
    yield* reenumerate(run, "asked");
    yield* openUnit(run);
    enterPhase(run, "verify");
    const address = yield* firstNotErased(run, sectors);
    if (address === undefined) return;
    throw new DfuError("protection.not_lifted", `${hex32(address)} is not erased`, { address });
  });
}

/**
 * Get Commands leaves 0x00 in the buffer: a lost data stage then does nothing, where 0x41 would erase (rule 1, docs/protocol.md). `arrivals`: of the unit
 * that was proven protected. What came to the port after it may be open, and would be erased (rule 14).
 */
function* liftProtection(run: Run, arrivals: number): Work<void> {
  yield* persist(run, { what: "Get Commands", address: 0, alternate: 0 }, () => getCommands(run));
  if (run.link.arrivals !== arrivals)
    throw new DfuError(
      "link.lost",
      "the unit left its port while its protection was looked at, and another one may have come; nothing was erased",
    );
  run.tally.touched = true;
  yield* operateUntilReset(run, {
    what: "read unprotect",
    block: 0,
    data: Uint8Array.of(DfuSeCommand.ReadUnprotect),
    startTimeoutMs: massEraseTimes.startTimeoutMs,
    deadlineMs: massEraseTimes.budgetMs,
  });
}
