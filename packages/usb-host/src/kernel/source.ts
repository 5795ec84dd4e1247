import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import type { UnitSource } from "../units.ts";

export interface KernelUnitsOptions {
  /** Which devices count; default: ST's ROM bootloader. `any` takes every DFU-mode interface. */
  readonly match?: { readonly vendorId: number; readonly productId: number } | "any";
  /** Where sysfs is mounted; default "/sys". */
  readonly sysfs?: string;
  /** Between two scans; default 1000 ms. Hotplug events make it faster where udevd runs. */
  readonly rescanMs?: number;
}

/** The units on this PC's ports, through the kernel's USB stack. */
export function kernelUnits(_options: KernelUnitsOptions = {}): UnitSource {
  throw new LinkError(LinkFault.Io, "not there yet");
}
