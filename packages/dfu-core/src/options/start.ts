import { resolveChip } from "../plan/plan-flash.ts";
import type { DeviceDescriptors } from "../protocol/descriptors.ts";
import type { ChipOptions } from "../session/options.ts";
import { openUnit } from "../session/resync.ts";
import { emit, type Run, type Work } from "../session/run.ts";

export type Seen = { readonly descriptors: DeviceDescriptors };

/** Makes sure that the unit is of the wanted class and brings it to dfuIDLE. */
export function* start(run: Run, options: ChipOptions & Seen): Work<void> {
  const { identity, family } = resolveChip(options.descriptors, options.chip, options.family);
  run.identity = identity;
  run.family = family;
  yield* emit(run, { event: "started", profile: run.profile.name });
  yield* openUnit(run);
}
