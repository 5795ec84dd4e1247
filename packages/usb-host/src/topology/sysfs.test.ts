import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kernelUnits } from "../kernel/source.ts";
import { portPlaceOf } from "./port-place.ts";
import { fingerprintOf, listSysfsDevices } from "./sysfs.ts";

let sysfs = "";
beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), "sysfs-"));
});
afterEach(() => rm(sysfs, { recursive: true }));

/** A device directory with attributes, as the kernel lays it out. */
async function directory(path: string, attributes: Record<string, string>): Promise<void> {
  await mkdir(join(sysfs, path), { recursive: true });
  for (const [name, value] of Object.entries(attributes)) {
    await writeFile(join(sysfs, path, name), `${value}\n`);
  }
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(join(sysfs, from)), { recursive: true });
  await mkdir(join(sysfs, to), { recursive: true });
  await symlink(relative(dirname(join(sysfs, from)), join(sysfs, to)), join(sysfs, from));
}

async function usbDevice(path: string, attributes: Record<string, string>): Promise<void> {
  await directory(path, attributes);
  const name = path.split("/").at(-1) ?? "";
  await link(`bus/usb/devices/${name}`, path);
}

const unit = {
  idVendor: "0483",
  idProduct: "df11",
  bcdDevice: "2200",
  serial: "FFFFFFFEFFFF",
  product: "STM32  BOOTLOADER",
  devnum: "7",
  speed: "12",
};

async function pciXhci(): Promise<string> {
  const pci = "devices/pci0000:00/0000:00:08.1/0000:c4:00.4";
  await directory(pci, {
    vendor: "0x1022",
    device: "0x15b8",
    subsystem_vendor: "0x17aa",
    subsystem_device: "0x50f4",
    revision: "0x00",
    class: "0x0c0330",
  });
  await link(`${pci}/driver`, "bus/pci/drivers/xhci_hcd");
  await usbDevice(`${pci}/usb3`, { idVendor: "1d6b", idProduct: "0002", speed: "480" });
  return `${pci}/usb3`;
}

test("a unit on a root port of a PCI xHCI controller", async () => {
  const rootHub = await pciXhci();
  await usbDevice(`${rootHub}/3-1`, unit);
  expect(fingerprintOf(sysfs, "3-1", "m")).toMatchObject({
    machine: "m",
    controller: {
      pciAddress: "0000:c4:00.4",
      vendorDevice: "1022:15b8",
      subsystem: "17aa:50f4",
      revision: "00",
      driver: "xhci_hcd",
      kind: "xhci",
    },
    hubs: [],
    portPath: "3-1",
    speed: "full",
  });
});

test.each([
  ["01", "single"],
  ["02", "multi"],
])("a unit behind a high-speed hub with bDeviceProtocol %s", async (bDeviceProtocol, tt) => {
  const rootHub = await pciXhci();
  const hub = { idVendor: "05e3", idProduct: "0610", bDeviceProtocol, speed: "480" };
  await usbDevice(`${rootHub}/3-4`, hub);
  await usbDevice(`${rootHub}/3-4/3-4.2`, { ...hub, bDeviceProtocol: "00", speed: "12" });
  await usbDevice(`${rootHub}/3-4/3-4.2/3-4.2.1`, unit);
  expect(fingerprintOf(sysfs, "3-4.2.1", "m")?.hubs).toEqual([
    { vendorProduct: "05e3:0610", port: 4, tt, speed: "high" },
    { vendorProduct: "05e3:0610", port: 2, tt: "none", speed: "full" },
  ]);
});

test("a platform controller has a name instead of PCI ids", async () => {
  const soc = "devices/platform/soc/xhci-hcd.0.auto";
  await link(`${soc}/driver`, "bus/platform/drivers/xhci-hcd");
  await usbDevice(`${soc}/usb1/1-1`, unit);
  expect(fingerprintOf(sysfs, "1-1", "m")?.controller).toEqual({
    pciAddress: "xhci-hcd.0.auto",
    vendorDevice: "",
    driver: "xhci-hcd",
    kind: "xhci",
  });
});

test("a port of the kernel's USB/IP client is virtual", async () => {
  const vhci = "devices/platform/vhci_hcd.0";
  await usbDevice(`${vhci}/usb5/5-1`, unit);
  await directory(`${vhci}/usb5/5-1/5-1:1.0`, { bInterfaceClass: "fe", bInterfaceSubClass: "01" });
  await link("bus/usb/devices/5-1:1.0", `${vhci}/usb5/5-1/5-1:1.0`);
  const [found] = await kernelUnits({ sysfs, match: "any" }).list();
  expect(found).toMatchObject({
    portPath: "5-1",
    vendorId: 0x0483,
    productId: 0xdf11,
    bcdDevice: 0x2200,
    serial: "FFFFFFFEFFFF",
    product: "STM32  BOOTLOADER",
    deviceNumber: 7,
    virtual: true,
    host: { controller: { pciAddress: "vhci_hcd.0", driver: "vhci_hcd", kind: "virtual" } },
  });
  expect(JSON.stringify(found)).not.toContain(sysfs);
});

test("only DFU devices count, and a machine without USB has none", async () => {
  expect(await kernelUnits({ sysfs }).list()).toEqual([]);
  const rootHub = await pciXhci();
  await usbDevice(`${rootHub}/3-1`, { ...unit, idProduct: "374b" });
  await usbDevice(`${rootHub}/3-10`, unit);
  await usbDevice(`${rootHub}/3-2`, unit);
  const units = await kernelUnits({ sysfs }).list();
  expect(units.map(({ portPath }) => portPath)).toEqual(["3-2", "3-10"]);
  expect(await listSysfsDevices(sysfs)).toHaveLength(3);
});

test("a device that left has no fingerprint", () => {
  expect(fingerprintOf(sysfs, "3-1", "m")).toBeUndefined();
  expect(fingerprintOf(sysfs, "../../etc", "m")).toBeUndefined();
});

test.each<[string, Record<string, string>, string, string]>([
  ["ST's ROM", {}, "FFFFFFFEFFFF", "bootloader"],
  ["an application", { idProduct: "5740", serial: "SN1" }, "SN1", "application"],
  ["an application without a serial", { idProduct: "5740", serial: "" }, "", "application"],
])("what is on a port: %s", async (_what, change, serial, kind) => {
  const rootHub = await pciXhci();
  await usbDevice(`${rootHub}/3-1`, { ...unit, ...change });
  const on = () => kernelUnits({ sysfs }).deviceOn?.("3-1");
  // Before it is configured it may yet be anything.
  expect(await on()).toMatchObject({ serial, kind: "unready", deviceNumber: 7 });
  await directory(`${rootHub}/3-1/3-1:1.0`, { bInterfaceClass: "ff", bInterfaceSubClass: "00" });
  await link("bus/usb/devices/3-1:1.0", `${rootHub}/3-1/3-1:1.0`);
  expect(await on()).toMatchObject({ serial, kind });
  expect(await kernelUnits({ sysfs }).deviceOn?.("3-2")).toBeUndefined();
});

test.each([
  ["01", "application"],
  ["02", "bootloader"],
])(
  "a DFU interface of protocol %s on a port is one of its %s",
  async (bInterfaceProtocol, kind) => {
    const rootHub = await pciXhci();
    await usbDevice(`${rootHub}/3-1`, { ...unit, idVendor: "1209", idProduct: "0001" });
    const dfu = { bInterfaceClass: "fe", bInterfaceSubClass: "01", bInterfaceProtocol };
    await directory(`${rootHub}/3-1/3-1:1.0`, dfu);
    await link("bus/usb/devices/3-1:1.0", `${rootHub}/3-1/3-1:1.0`);
    expect(await kernelUnits({ sysfs }).deviceOn?.("3-1")).toMatchObject({ kind });
  },
);

test("a port is found again by its controller when the buses were counted anew", async () => {
  const rootHub = await pciXhci();
  const pci = rootHub.replace("/usb3", "");
  // The same controller's root hub for SuperSpeed devices counts its ports from 1 too.
  await usbDevice(`${pci}/usb4`, { idVendor: "1d6b", idProduct: "0003", speed: "10000" });
  await usbDevice(`${rootHub}/3-4`, { ...unit, idProduct: "0610", speed: "480" });
  await usbDevice(`${rootHub}/3-4/3-4.2`, unit);
  const source = kernelUnits({ sysfs });
  const [before] = await source.list();
  const place = before && portPlaceOf(before);
  expect(place).toEqual({ controller: "0000:c4:00.4", ports: "4.2" });
  if (place === undefined) return;
  expect(source.portAt?.(place)).toBe("3-4.2");
  await rm(join(sysfs, "bus"), { recursive: true });
  await rm(join(sysfs, pci), { recursive: true });
  await usbDevice(`${pci}/usb1`, { idVendor: "1d6b", idProduct: "0003", speed: "10000" });
  await usbDevice(`${pci}/usb12`, { idVendor: "1d6b", idProduct: "0002", speed: "480" });
  const card = "devices/pci0000:00/0000:00:1c.0/0000:03:00.0";
  await usbDevice(`${card}/usb3`, { idVendor: "1d6b", idProduct: "0002", speed: "480" });
  expect(source.portAt?.(place)).toBe("12-4.2");
  expect(source.portAt?.({ controller: "0000:05:00.0", ports: "1" })).toBeUndefined();
});

test("a SuperSpeed device, and one of an unknown controller, have no place", async () => {
  const rootHub = await pciXhci();
  await usbDevice(`${rootHub}/3-1`, { ...unit, speed: "5000" });
  const [found] = await kernelUnits({ sysfs }).list();
  expect(found && portPlaceOf(found)).toBeUndefined();
  const full = found && { ...found, host: { ...found.host, speed: "full" as const } };
  expect(full && portPlaceOf(full)).toEqual({ controller: "0000:c4:00.4", ports: "1" });
  const nowhere = full && {
    ...full,
    host: { ...full.host, controller: { ...full.host.controller, pciAddress: "" } },
  };
  expect(nowhere && portPlaceOf(nowhere)).toBeUndefined();
});
