import { existsSync, readFileSync, realpathSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { release, type } from "node:os";
import { basename, dirname, join } from "node:path";
import { controllerKind } from "./driver.ts";
import {
  ControllerKind,
  type HostController,
  type HostFingerprint,
  type HostHub,
  UsbSpeed,
} from "./fingerprint.ts";

/** A USB device as sysfs shows it (Documentation/ABI/stable/sysfs-bus-usb). */
export interface SysfsDevice {
  /** "3-1.2". */
  readonly portPath: string;
  readonly directory: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly bcdDevice: number;
  readonly serial: string;
  readonly product: string;
  readonly deviceNumber: number;
  /** Class, subclass and protocol of the interfaces of the active configuration. */
  readonly interfaces: readonly {
    readonly class: number;
    readonly subclass: number;
    readonly protocol: number;
  }[];
}

/** `sysfs` is where sysfs is mounted, "/sys" outside tests. */
export async function listSysfsDevices(sysfs: string): Promise<SysfsDevice[]> {
  const names = await readdir(join(sysfs, "bus/usb/devices")).catch(() => []);
  const interfaces = names.filter((name) => name.includes(":"));
  return names.filter(isPortPath).flatMap((portPath) => {
    const directory = deviceDirectory(sysfs, portPath);
    if (directory === undefined) return [];
    const own = interfaces.filter((name) => name.startsWith(`${portPath}:`));
    return [
      {
        portPath,
        directory,
        vendorId: hex(directory, "idVendor"),
        productId: hex(directory, "idProduct"),
        bcdDevice: hex(directory, "bcdDevice"),
        serial: attribute(directory, "serial") ?? "",
        product: attribute(directory, "product") ?? "",
        deviceNumber: Number(attribute(directory, "devnum") ?? 0),
        interfaces: own.map((name) => ({
          class: hex(join(directory, name), "bInterfaceClass"),
          subclass: hex(join(directory, name), "bInterfaceSubClass"),
          protocol: hex(join(directory, name), "bInterfaceProtocol"),
        })),
      },
    ];
  });
}

/** How the device on `portPath` is connected; undefined when it has left. */
export function fingerprintOf(
  sysfs: string,
  portPath: string,
  machine: string,
): HostFingerprint | undefined {
  const directory = deviceDirectory(sysfs, portPath);
  if (directory === undefined) return undefined;
  const hubs: HostHub[] = [];
  let above = dirname(directory);
  for (; isPortPath(basename(above)); above = dirname(above)) hubs.unshift(hubAt(above));
  return {
    machine,
    // Above the device and its hubs comes the root hub ("usb3"), and above that the controller.
    controller: controllerAt(dirname(above)),
    hubs,
    portPath,
    speed: speedAt(directory),
    os: `${type()} ${release()}`,
  };
}

function controllerAt(directory: string): HostController {
  const driver = linkName(directory, "driver") ?? platformDriver(directory);
  const base = { pciAddress: basename(directory), driver, kind: controllerKind(driver) };
  const vendor = attribute(directory, "vendor");
  const device = attribute(directory, "device");
  if (vendor === undefined || device === undefined) return { ...base, vendorDevice: "" };
  const subsystemVendor = attribute(directory, "subsystem_vendor");
  const subsystemDevice = attribute(directory, "subsystem_device");
  const revision = attribute(directory, "revision");
  const kind = base.kind === ControllerKind.Other ? kindOfClass(directory) : base.kind;
  return {
    ...base,
    kind,
    vendorDevice: `${digits(vendor)}:${digits(device)}`,
    ...(subsystemVendor === undefined || subsystemDevice === undefined
      ? {}
      : { subsystem: `${digits(subsystemVendor)}:${digits(subsystemDevice)}` }),
    ...(revision === undefined ? {} : { revision: digits(revision) }),
  };
}

/** vhci_hcd has no driver link below 6.x; its devices are called "vhci_hcd.0". */
function platformDriver(directory: string): string {
  return basename(directory).split(".")[0] ?? "";
}

/** PCI class codes of USB controllers (PCI Code and ID Assignment, base class 0Ch, subclass 03h). */
function kindOfClass(directory: string): ControllerKind {
  switch (attribute(directory, "class")) {
    case "0x0c0330":
      return ControllerKind.Xhci;
    case "0x0c0320":
      return ControllerKind.Ehci;
    case "0x0c0310":
      return ControllerKind.Ohci;
    case "0x0c0300":
      return ControllerKind.Uhci;
    default:
      return ControllerKind.Other;
  }
}

function hubAt(directory: string): HostHub {
  const vendor = attribute(directory, "idVendor") ?? "";
  const product = attribute(directory, "idProduct") ?? "";
  const port = basename(directory).split(/[-.]/).at(-1);
  // bDeviceProtocol of a hub: 0 full speed, 1 single TT, 2 multi TT, 3 SuperSpeed (USB 2.0, 11.23.1; USB 3.2, 10.15.1).
  const protocol = attribute(directory, "bDeviceProtocol");
  return {
    vendorProduct: `${vendor}:${product}`,
    port: Number(port),
    tt: protocol === "01" ? "single" : protocol === "02" ? "multi" : "none",
    speed: speedAt(directory),
  };
}

const SPEEDS: ReadonlyMap<string, UsbSpeed> = new Map([
  ["1.5", UsbSpeed.Low],
  ["12", UsbSpeed.Full],
  ["480", UsbSpeed.High],
  ["5000", UsbSpeed.Super],
  ["10000", UsbSpeed.SuperPlus],
  ["20000", UsbSpeed.SuperPlus],
]);

function speedAt(directory: string): UsbSpeed {
  return SPEEDS.get(attribute(directory, "speed") ?? "") ?? UsbSpeed.Unknown;
}

/** "3-1.2"; neither a root hub ("usb3") nor an interface ("3-1.2:1.0"). */
function isPortPath(name: string): boolean {
  return /^\d+-\d+(\.\d+)*$/.test(name);
}

function deviceDirectory(sysfs: string, portPath: string): string | undefined {
  const link = join(sysfs, "bus/usb/devices", portPath);
  try {
    return isPortPath(portPath) && existsSync(link) ? realpathSync(link) : undefined;
  } catch {
    // Unplugged between the two looks.
    return undefined;
  }
}

function attribute(directory: string, name: string): string | undefined {
  try {
    return readFileSync(join(directory, name), "utf8").trim();
  } catch {
    return undefined;
  }
}

function hex(directory: string, name: string): number {
  return Number.parseInt(attribute(directory, name) ?? "0", 16);
}

function digits(text: string): string {
  return text.replace(/^0x/, "");
}

function linkName(directory: string, name: string): string | undefined {
  try {
    return basename(realpathSync(join(directory, name)));
  } catch {
    return undefined;
  }
}
