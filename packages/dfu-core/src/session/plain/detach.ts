import { DfuError } from "../../errors.ts";
import type { ProfileName } from "../../pacing/profiles.ts";
import { DfuRequest } from "../../protocol/constants.ts";
import { type DeviceDescriptors, isRunTime } from "../../protocol/descriptors.ts";
import { LinkError, LinkFault } from "../../protocol/transport.ts";
import { send } from "../link/requests.ts";
import { finish } from "../machine/finish.ts";
import type { FlashReport } from "../machine/report.ts";
import { createRun, type Run, step, type Work } from "../machine/run.ts";

/** How a running application is asked into DFU mode. */
export interface DetachOptions {
  /** `standard` when not given. */
  readonly profile?: ProfileName;
}

/** bitWillDetach of bmAttributes (USB DFU 1.1, table 4.2): the device leaves the bus by itself. */
const WILL_DETACH = 8;
/** How long a device may take from its application to its bootloader; longer than any wait that the standard names. */
const ARRIVAL_MS = 15_000;
const LOOK_EVERY_MS = 100;

/**
 * Brings a device from its application into DFU mode (USB DFU 1.1, section 5.1): DETACH, and a bus reset unless the device leaves by
 * itself. The reset comes at once, because the device waits for it only wDetachTimeOut long. PASS when a device in DFU mode is on the
 * port; its ids may be others than the application's. Throws nothing.
 */
export function* detachMachine(
  options: DetachOptions & { readonly descriptors: DeviceDescriptors },
): Work<FlashReport> {
  const { descriptors } = options;
  const run = createRun(descriptors, options.profile);
  return yield* finish(run, true, function* () {
    const { functional } = descriptors;
    if (functional === undefined)
      throw new DfuError("device.not_dfu", "the device has no DFU functional descriptor");
    if (!isRunTime(descriptors))
      throw new DfuError("usage.argument", "the unit is in DFU mode already");
    run.device.identity = {
      chip: descriptors.product || "DFU device",
      match: "none",
      evidence: ["its DFU interface is in run-time mode (bInterfaceProtocol 1)"],
    };
    yield* askToDetach(run, functional.detachTimeoutMs);
    if ((functional.attributes & WILL_DETACH) === 0) yield* resetQuietly(run);
    yield* arriveInDfuMode(run);
  });
}

function* askToDetach(run: Run, timeoutMs: number): Work<void> {
  try {
    yield* send(run, DfuRequest.Detach, timeoutMs & 0xffff);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    if (error.fault === LinkFault.Stall)
      throw new DfuError("device.protocol", "the device refuses DETACH", { cause: error });
    // The device may have left before its answer arrived. The port shows whether it did.
  }
}

/** A failed reset does not matter: some hosts cannot reset, and the device may have left already. The device that comes back counts. */
function* resetQuietly(run: Run): Work<void> {
  try {
    yield* step(run, { kind: "reset" });
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
  }
}

function* arriveInDfuMode(run: Run): Work<void> {
  const until = run.clock.now + ARRIVAL_MS;
  for (;;) {
    const left = until - run.clock.now;
    if (left <= 0)
      throw new DfuError(
        "device.not_dfu",
        `the application is still on the port, ${ARRIVAL_MS / 1000} s after DETACH`,
      );
    try {
      const { descriptors } = yield* step(run, { kind: "reenumerate", deadlineMs: left });
      if (!isRunTime(descriptors)) return;
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      throw new DfuError(
        "link.lost",
        `the device left its port after DETACH and did not come back: ${error.message}`,
        { cause: error },
      );
    }
    yield* step(run, { kind: "wait", ms: LOOK_EVERY_MS });
  }
}
