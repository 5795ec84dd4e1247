import { listSysfsDevices } from "../topology/sysfs.ts";

/** What is plugged in on a port, DFU device or not. */
export interface PortOccupant {
  readonly vendorId: number;
  readonly productId: number;
}

/** The device on one of this PC's ports as the kernel shows it now; undefined when there is none. `sysfs` is "/sys" outside tests. */
export async function deviceOnPort(
  portPath: string,
  sysfs = "/sys",
): Promise<PortOccupant | undefined> {
  const devices = await listSysfsDevices(sysfs);
  return devices.find((device) => device.portPath === portPath);
}
