import { existsSync, readFileSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { controllerKind } from "./driver.ts";
import { ControllerKind } from "./fingerprint.ts";

/** A port of a hub as sysfs shows it (Documentation/ABI/testing/sysfs-bus-usb, usb_port). */
export interface HubPort {
  /** Port path of the hub ("3-1"); undefined for a port of the PC itself. */
  readonly hub: string | undefined;
  /** From 1. */
  readonly number: number;
  /** The hub of another speed that shares this connector and its power (USB 3.2, 10.3.1.1, DSPORT.Powered-off). */
  readonly peer: HubPort | undefined;
  /** What is plugged in: its port path. */
  readonly occupant: string | undefined;
  /** The file that switches the port; undefined before Linux 6.0. */
  readonly switch: string | undefined;
  /** The port is switched off now. */
  readonly off: boolean;
  /** The port is the kernel's USB/IP client. */
  readonly virtual: boolean;
}

/**
 * The port that `portPath` names, whether anything is plugged in or not; undefined when its hub has left. `sysfs` is "/sys"
 * outside tests.
 */
export async function hubPortOf(sysfs: string, portPath: string): Promise<HubPort | undefined> {
  const match = /^(\d+)-(?:([\d.]+)\.)?(\d+)$/.exec(portPath);
  if (match === null) return undefined;
  const [, bus = "", above, number = ""] = match;
  const hub = above === undefined ? undefined : `${bus}-${above}`;
  const folder = realFolder(join(sysfs, "bus/usb/devices", hub ?? `usb${bus}`));
  if (folder === undefined) return undefined;
  // "3-1:1.0/3-1-port2" of a hub, "3-0:1.0/usb3-port2" of the PC.
  const prefix = `${hub ?? `${bus}-0`}:`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const port = join(folder, name, `${basename(folder)}-port${number}`);
    if (existsSync(port)) return describe(port, hub, true);
  }
  return undefined;
}

function describe(folder: string, hub: string | undefined, withPeer: boolean): HubPort {
  const file = join(folder, "disable");
  const peer = withPeer ? realFolder(join(folder, "peer")) : undefined;
  const occupant = realFolder(join(folder, "device"));
  return {
    hub,
    number: Number(folder.split("-port").at(-1)),
    peer: peer === undefined ? undefined : describe(peer, hubAbove(peer), false),
    occupant: occupant === undefined ? undefined : basename(occupant),
    switch: existsSync(file) ? file : undefined,
    off: isOne(file),
    virtual: isVirtual(folder),
  };
}

/** "…/3-1/3-1:1.0/3-1-port2" → "3-1"; undefined for "…/usb3/3-0:1.0/usb3-port2". */
function hubAbove(port: string): string | undefined {
  const name = basename(dirname(dirname(port)));
  return name.startsWith("usb") ? undefined : name;
}

const isVirtual = (folder: string): boolean =>
  folder.split("/").some((name) => controllerKind(name) === ControllerKind.Virtual);

function isOne(file: string): boolean {
  try {
    return readFileSync(file, "utf8").trim() === "1";
  } catch {
    return false;
  }
}

function realFolder(link: string): string | undefined {
  try {
    return realpathSync(link);
  } catch {
    return undefined;
  }
}
