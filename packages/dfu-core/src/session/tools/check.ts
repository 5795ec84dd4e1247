import { locateOptions } from "../../options/locate.ts";
import type { OptionSettings } from "../../options/values.ts";
import { expectOptions } from "../guards/read-options.ts";
import { type Seen, start } from "../guards/start.ts";
import { finish } from "../machine/finish.ts";
import type { ChipOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, type Work } from "../machine/run.ts";

/** What a unit is checked for beside its chip. */
export interface CheckOptions extends ChipOptions {
  /** Option bytes that the unit must have, by name. */
  readonly expectOptions?: OptionSettings;
}

/**
 * Checks what a flash checks before its first erase: bank mode and option bytes. Writes nothing. A FAIL has the code
 * `plan.bank_mode` or `options.mismatch`, or that of a failure on the way.
 */
export function* checkMachine(options: CheckOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    yield* start(run, options);
    if (options.expectOptions !== undefined) {
      yield* expectOptions(
        run,
        locateOptions(run.device.descriptors, options),
        options.expectOptions,
      );
    }
  });
}
