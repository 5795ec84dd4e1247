import { resolveChip } from "../../plan/plan-flash.ts";
import type { DeviceDescriptors } from "../../protocol/descriptors.ts";
import { openUnit } from "../link/resync.ts";
import type { ChipOptions } from "../machine/options.ts";
import { emit, type Run, type Work } from "../machine/run.ts";
import { checkBankMode } from "./bank-mode.ts";

/** The unit as its descriptors show it. */
export type Seen = { readonly descriptors: DeviceDescriptors };

/** Takes the rules of the wanted class. Throws `device.wrong_chip` when the unit shows another one. */
export function recognise(run: Run, options: ChipOptions & Seen): void {
  const { identity, family } = resolveChip(options.descriptors, options.chip, options.family);
  run.device.identity = identity;
  run.device.family = family;
}

/**
 * Makes sure that the unit is of the wanted class, opens it for anything but a flash, and asks it for its bank mode where one is
 * named.
 */
export function* start(run: Run, options: ChipOptions & Seen): Work<void> {
  recognise(run, options);
  yield* emit(run, { event: "started", profile: run.link.profile.name });
  yield* openUnit(run);
  if (options.bankMode !== undefined) yield* checkBankMode(run, options.bankMode, options);
}
