import { resolveChip } from "../plan/plan-flash.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import { checkBankMode } from "./bank-mode.ts";
import type { ChipOptions } from "./options.ts";
import { openUnit } from "./resync.ts";
import { emit, type Run, type Work } from "./run.ts";

/** Opens the unit for anything but a flash, and asks it for its bank mode where one is named. */
export function* start(
  run: Run,
  options: ChipOptions & { readonly descriptors: DeviceDescriptors },
): Work<void> {
  const { identity, family } = resolveChip(options.descriptors, options.chip, options.family);
  run.identity = identity;
  run.family = family;
  yield* emit(run, { event: "started", profile: run.profile.name });
  yield* openUnit(run);
  if (options.bankMode !== undefined) yield* checkBankMode(run, options.bankMode, options);
}
