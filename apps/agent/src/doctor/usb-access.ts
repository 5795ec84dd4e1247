import { constants } from "node:fs";
import { access, readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { UDEV_RULE } from "./udev-rule.ts";

const BOOTLOADER = "0483:df11";
const ADD_RULE = `Run as root: flashline-agent doctor --write-udev-rule. It adds: ${UDEV_RULE}`;
/** bDeviceClass of a hub. */
const HUB_CLASS = "09";

interface UsbDevice {
  readonly name: string;
  readonly directory: string;
  readonly id: string;
  readonly product: string;
  readonly deviceClass: string;
  readonly node: string;
}

/** The controllers and hubs that the kernel sees, and whether this user may open the bootloaders behind them. */
export async function examineUsbAccess(root: string): Promise<Finding[]> {
  const devices = await usbDevices(root);
  if (devices.length === 0) {
    return [
      fail("usb", "The kernel shows no USB controller. In a virtual machine, pass one through."),
    ];
  }
  const controllers = devices.filter(({ name }) => name.startsWith("usb")).map(controllerOf);
  const hubs = devices
    .filter(({ name, deviceClass }) => !name.startsWith("usb") && deviceClass === HUB_CLASS)
    .map(({ name, id, product }) => ok("hub", `${name}: ${id} ${product}`.trim().concat(".")));
  const bootloaders = devices.filter(({ id }) => id === BOOTLOADER);
  const closed = await unopenable(root, bootloaders);
  const sleepy = await suspendable(bootloaders);
  const permission =
    closed.length > 0
      ? fail(
          "permission",
          `${closed.map((node) => `/${node}`).join(", ")} cannot be opened. ${ADD_RULE}`,
        )
      : bootloaders.length > 0
        ? ok("permission", "This user may open the units that are plugged in.")
        : await expectedPermission(root);
  return [...(await Promise.all(controllers)), ...hubs, permission, ...sleepy];
}

async function controllerOf({ name, directory }: UsbDevice): Promise<Finding> {
  const parent = dirname(directory);
  const vendor = await attribute(parent, "vendor");
  const device = await attribute(parent, "device");
  const id = vendor === "" ? "" : ` ${vendor.slice(2)}:${device.slice(2)}`;
  const driver = await realpath(join(parent, "driver")).then(basename, () => "no driver");
  return ok("controller", `${name}: ${driver}${id} at ${basename(parent)}.`);
}

async function unopenable(root: string, devices: readonly UsbDevice[]): Promise<string[]> {
  const mode = constants.R_OK | constants.W_OK;
  const answers = await Promise.all(
    devices.map(({ name, node }) =>
      access(join(root, node), mode).then(
        () => undefined,
        () => name,
      ),
    ),
  );
  return answers.filter((name) => name !== undefined);
}

/** Units that the kernel may suspend while nobody talks to them: what is suspended may not come back. */
async function suspendable(devices: readonly UsbDevice[]): Promise<Finding[]> {
  const found = await Promise.all(
    devices.map(async ({ name, directory }) => {
      const isAuto = (await attribute(directory, "power/control")) === "auto";
      const delay = await attribute(directory, "power/autosuspend_delay_ms");
      return isAuto && !delay.startsWith("-") ? name : undefined;
    }),
  );
  const names = found.filter((name) => name !== undefined);
  if (names.length === 0) return [];
  const says = `The kernel may suspend the unit at ${names.join(", ")}.`;
  return [warn("autosuspend", `${says} ${ADD_RULE}`)];
}

async function expectedPermission(root: string): Promise<Finding> {
  if (process.getuid?.() === 0)
    return ok("permission", "Running as root: every unit can be opened.");
  const folders = ["etc/udev/rules.d", "lib/udev/rules.d", "usr/lib/udev/rules.d"];
  for (const folder of folders) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      const text = await readFile(join(root, folder, name), "utf8").catch(() => "");
      if (/0483/.test(text) && /df11/i.test(text)) {
        return ok("permission", `${folder}/${name} has a rule for STM32 bootloaders.`);
      }
    }
  }
  return warn("permission", `No udev rule for STM32 bootloaders was found. ${ADD_RULE}`);
}

async function usbDevices(root: string): Promise<UsbDevice[]> {
  const folder = join(root, "sys/bus/usb/devices");
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.includes(":"));
  return Promise.all(
    names.sort().map(async (name) => {
      const directory = await realpath(join(folder, name));
      const [vendor, product, text, deviceClass, bus, number] = await Promise.all(
        ["idVendor", "idProduct", "product", "bDeviceClass", "busnum", "devnum"].map((attr) =>
          attribute(directory, attr),
        ),
      );
      const node = `dev/bus/usb/${bus?.padStart(3, "0")}/${number?.padStart(3, "0")}`;
      return {
        name,
        directory,
        id: `${vendor}:${product}`,
        product: text ?? "",
        deviceClass: deviceClass ?? "",
        node,
      };
    }),
  );
}

const attribute = (directory: string, name: string): Promise<string> =>
  readFile(join(directory, name), "utf8").then(
    (text) => text.trim(),
    () => "",
  );
