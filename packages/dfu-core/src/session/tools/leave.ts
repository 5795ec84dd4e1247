import { DfuError, hex32 } from "../../errors.ts";
import { outsideError, sectorAt, unitGeometry } from "../../plan/geometry.ts";
import { type Seen, start } from "../guards/start.ts";
import { leave } from "../link/leave.ts";
import { finish } from "../machine/finish.ts";
import type { LeaveOptions } from "../machine/options.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, enterPhase, type Work } from "../machine/run.ts";

const DEFAULT_ADDRESS = 0x08000000;

/** Starts the application. */
export function* leaveMachine(options: LeaveOptions & Seen): Work<FlashReport> {
  const run = createRun(options.descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const address = options.address ?? DEFAULT_ADDRESS;
    const geometry = unitGeometry(options);
    const alternate = sectorAt(geometry.sectors, address)?.alternate;
    if (alternate === undefined) {
      const why = `${hex32(address)} is outside the unit's memory`;
      throw outsideError(geometry, new DfuError("usage.argument", why));
    }
    yield* start(run, options);
    enterPhase(run, "leave");
    // Nobody said what the application is to be.
    yield* leave(run, alternate, address, function* () {});
  });
}
