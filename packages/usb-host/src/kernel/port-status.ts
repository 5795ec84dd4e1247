import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** A hub that does not answer is no reason to wait. */
const TIMEOUT_MS = 2000;
/** wPortStatus D0, PORT_CONNECTION (USB 2.0, table 11-21; USB 3.2, table 10-13). */
const PORT_CONNECTION = 1;

/**
 * Whether something is connected to the port electrically, alive or not: the hub is asked for the port's status. Undefined where it cannot
 * be asked: without `lsusb` (Debian's usbutils), without permission for the hub, or where the hub has left as well. sysfs does not say
 * it, and neither `usb` nor Node.js can send a request to a port. `sysfs` is "/sys" outside tests.
 */
export async function isPortConnected(
  portPath: string,
  sysfs = "/sys",
): Promise<boolean | undefined> {
  const [, bus, above, number] = /^(\d+)-(?:([\d.]+)\.)?(\d+)$/.exec(portPath) ?? [];
  if (number === undefined) return undefined;
  const hub = join(sysfs, "bus/usb/devices", above === undefined ? `usb${bus}` : `${bus}-${above}`);
  try {
    const [busnum, devnum] = await Promise.all(
      ["busnum", "devnum"].map(async (name) => (await readFile(join(hub, name), "utf8")).trim()),
    );
    const { stdout } = await run("lsusb", ["-v", "-s", `${busnum}:${devnum}`], {
      timeout: TIMEOUT_MS,
    });
    return connectionIn(stdout, Number(number));
  } catch {
    return undefined;
  }
}

/** "   Port 2: 0000.0103 power enable connect": wPortChange and wPortStatus, as `lsusb -v` prints them of a hub. */
export function connectionIn(lsusb: string, port: number): boolean | undefined {
  const status = new RegExp(`^ *Port ${port}: [0-9a-f]{4}\\.([0-9a-f]{4}) `, "m").exec(lsusb)?.[1];
  return status === undefined ? undefined : (Number.parseInt(status, 16) & PORT_CONNECTION) !== 0;
}
