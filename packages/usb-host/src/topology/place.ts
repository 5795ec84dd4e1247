import { release, type } from "node:os";
import { controllerKind } from "./driver.ts";
import { type HostFingerprint, type HostHub, UsbSpeed } from "./fingerprint.ts";

/** `enum usb_device_speed` of the Linux kernel. */
const SPEEDS: ReadonlyMap<number, UsbSpeed> = new Map([
  [1, UsbSpeed.Low],
  [2, UsbSpeed.Full],
  [3, UsbSpeed.High],
  [5, UsbSpeed.Super],
  [6, UsbSpeed.SuperPlus],
]);

export interface RemotePlace {
  /** The record's path: a sysfs path, from a simulator with the unit's place as a query string. */
  readonly path: string;
  readonly busid: string;
  readonly speed: number;
  /** What stands for the machine when the path does not name one. */
  readonly machine: string;
}

/**
 * The place of a unit on a USB/IP server. A simulator says where its unit pretends to sit:
 * `…?virtual=flashline&controller=1022:15b8&driver=xhci_hcd&hub=05e3:0610,multi&machine=line-3`. Of a real server's path only
 * the controller's PCI address is known.
 */
export function placeFromPath({ path, busid, speed, machine }: RemotePlace): HostFingerprint {
  const [sysfsPath = "", query = ""] = path.split("?", 2);
  const place = new URLSearchParams(query);
  const pciAddress = [...sysfsPath.matchAll(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/gi)].at(-1);
  const driver = place.get("driver") ?? "";
  const subsystem = place.get("subsystem");
  const revision = place.get("revision");
  return {
    machine: place.get("machine") ?? machine,
    controller: {
      pciAddress: pciAddress?.[0] ?? "",
      vendorDevice: place.get("controller") ?? "",
      ...(subsystem === null ? {} : { subsystem }),
      ...(revision === null ? {} : { revision }),
      driver,
      kind: controllerKind(driver),
    },
    hubs: place.getAll("hub").map(hubFromText),
    portPath: busid,
    speed: SPEEDS.get(speed) ?? UsbSpeed.Unknown,
    os: place.get("os") ?? `${type()} ${release()}`,
  };
}

/** "05e3:0610,multi", optionally with the parent's port: "05e3:0610,multi,4". */
function hubFromText(text: string): HostHub {
  const [vendorProduct = "", kind = "", port = "0"] = text.split(",");
  const tt = kind === "multi" || kind === "single" ? kind : "none";
  return {
    vendorProduct,
    port: Number(port) || 0,
    tt,
    speed: tt === "none" ? UsbSpeed.Full : UsbSpeed.High,
  };
}
