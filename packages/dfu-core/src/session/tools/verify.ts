import { DfuError, hex32 } from "../../errors.ts";
import { budgetsFor } from "../../pacing/budgets.ts";
import { planFlash } from "../../plan/plan-flash.ts";
import { firstDifference } from "../eeprom/differs.ts";
import { type Seen, start } from "../guards/start.ts";
import { finish } from "../machine/finish.ts";
import type { VerifyOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Work } from "../machine/run.ts";
import { imageWorks } from "../sectors/sector-work.ts";

/** Compares the unit with the image and writes nothing. The first byte that differs is `flash.verify_mismatch`. */
export function* verifyMachine(options: VerifyOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const plan = planFlash({ ...options, profile: run.link.profile });
    run.budgets = budgetsFor(plan.estimateMs);
    yield* start(run, options);
    enterPhase(run, "verify");
    const works = imageWorks(plan, options.image);
    const found = yield* firstDifference(run, plan, options.image, works);
    if (found !== undefined) {
      const { address, unreadable } = found;
      if (unreadable) {
        throw new DfuError("flash.dirty", `${hex32(address)} cannot be read`, { address });
      }
      throw new DfuError("flash.verify_mismatch", `${hex32(address)} differs from the image`, {
        address,
      });
    }
    run.tally.figures.bytes = options.image.bytes;
  });
}
