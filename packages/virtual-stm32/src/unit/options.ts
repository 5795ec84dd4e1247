import type { Clock } from "@flashline/dfu-core/protocol";
import type { Timing } from "../bootloader/bootloader.ts";
import type { Fault } from "../faults/fault.ts";
import type { Part } from "../parts/index.ts";
import type { Place } from "../place/place.ts";
import type { ShownApplication } from "./application-device.ts";

/** One virtual unit: its part, its faults, the place that it is plugged into. */
export interface VirtualUnitOptions {
  readonly part: Part;
  readonly clock: Clock;
  /** iSerialNumber; the part's own when absent (as real units of a part often share one). */
  readonly serial?: string;
  readonly faults?: readonly Fault[];
  /** Same seed, same faults at the same transfers. Default 1. */
  readonly seed?: number;
  /** Default "typical". */
  readonly timing?: Timing;
  readonly place?: Place;
  /** What it shows after its application was started; absent: nothing. */
  readonly application?: ShownApplication;
}

/** Time from power-on or reset to enumeration, in ms; a choice, real boards differ. */
export const REBOOT_MS = 500;
