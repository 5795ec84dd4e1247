import { listSysfsDevices } from "../topology/sysfs.ts";
import type { PortOccupant } from "../units.ts";

/** The device on one of this PC's ports as the kernel shows it now; undefined when there is none. `sysfs` is "/sys" outside tests. */
export async function deviceOnPort(
  portPath: string,
  sysfs = "/sys",
): Promise<PortOccupant | undefined> {
  const devices = await listSysfsDevices(sysfs);
  return devices.find((device) => device.portPath === portPath);
}
