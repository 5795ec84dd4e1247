import { counting, isDfu, isRunTimeOnly } from "../match.ts";
import { listSysfsDevices, type SysfsDevice } from "../topology/sysfs.ts";
import type { PortOccupant } from "../units.ts";

/** The device on one of this PC's ports as the kernel shows it now; undefined when there is none. `sysfs` is "/sys" outside tests. */
export async function deviceOnPort(
  portPath: string,
  sysfs = "/sys",
): Promise<PortOccupant | undefined> {
  const devices = await listSysfsDevices(sysfs);
  const device = devices.find((each) => each.portPath === portPath);
  if (device === undefined) return undefined;
  const { vendorId, productId, serial, deviceNumber } = device;
  return { vendorId, productId, serial, deviceNumber, kind: kindOf(device) };
}

/** A device without an interface is not configured: it may yet turn out to be a bootloader. */
function kindOf(device: SysfsDevice): PortOccupant["kind"] {
  const { interfaces } = device;
  if (interfaces.length === 0) return "unready";
  if (isRunTimeOnly(interfaces)) return "application";
  return isStRom(device) || interfaces.some(isDfu) ? "bootloader" : "application";
}

const isStRom = counting();
