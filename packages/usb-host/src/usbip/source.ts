import { LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import type { UnitSource } from "../units.ts";

export interface UsbIpUnitsOptions {
  readonly host: string;
  /** Default 3240. */
  readonly port?: number;
  /** Between two looks at the list; default 1000 ms. */
  readonly rescanMs?: number;
  /** Real milliseconds for one millisecond of a time-out: below 1 with units that run on a faster clock. Default 1. */
  readonly timeScale?: number;
}

/** The units of a USB/IP server, reached from user space. They always count as virtual. */
export function usbIpUnits(_options: UsbIpUnitsOptions): UnitSource {
  throw new LinkError(LinkFault.Io, "not there yet");
}
