import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type HostFingerprint, UsbSpeed } from "./fingerprint.ts";

/**
 * A port by its controller and the way from its root hub. The kernel counts buses anew at each start, and a new card takes numbers of
 * its own; these two stay.
 */
export interface PortPlace {
  /** "0000:00:14.0", or a platform device's name. */
  readonly controller: string;
  /** Port numbers from the root hub on: "1.2". */
  readonly ports: string;
}

const USB_2: ReadonlySet<UsbSpeed> = new Set([UsbSpeed.Low, UsbSpeed.Full, UsbSpeed.High]);

/**
 * Undefined where the controller is not known, and for a SuperSpeed device: a controller counts its ports twice, once for each of its two
 * root hubs, and every bootloader hangs on the first, which is for devices up to high speed.
 */
export function portPlaceOf({
  host,
  portPath,
}: {
  readonly host: HostFingerprint;
  readonly portPath: string;
}): PortPlace | undefined {
  const [, ports] = /^\d+-(\d+(?:\.\d+)*)$/.exec(portPath) ?? [];
  const controller = host.controller.pciAddress;
  if (ports === undefined || controller === "" || !USB_2.has(host.speed)) return undefined;
  return { controller, ports };
}

/** Two ports without a known place are never the same. */
export const isSamePlace = (a: PortPlace | undefined, b: PortPlace | undefined): boolean =>
  a !== undefined && a.controller === b?.controller && a.ports === b.ports;

/** How the kernel names the place now, whether anything is plugged in or not; undefined without its controller. `sysfs` is "/sys" outside tests. */
export function portPathAt({ controller, ports }: PortPlace, sysfs = "/sys"): string | undefined {
  const devices = join(sysfs, "bus/usb/devices");
  for (const name of namesIn(devices)) {
    const [, bus] = /^usb(\d+)$/.exec(name) ?? [];
    if (bus === undefined) continue;
    try {
      const hub = realpathSync(join(devices, name));
      const isUsb2 = Number(readFileSync(join(hub, "speed"), "utf8")) < 5000;
      if (isUsb2 && basename(dirname(hub)) === controller) return `${bus}-${ports}`;
    } catch {
      // The controller left between the two looks.
    }
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
