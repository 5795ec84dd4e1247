// usb-host on a real Linux USB stack: the transport's contract, where a unit is plugged in, hotplug.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AttachedUnit } from "@flashline/usb-host";
import { serveUsbIp, serveUsbRedir } from "@flashline/virtual-stm32";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { UNIT } from "../engine/conformance/bench.ts";
import { CHECKS } from "../engine/conformance/checks.ts";
import { KERNEL_CHECKS } from "../engine/conformance/kernel-checks.ts";
import { benchOf, conformanceUnit } from "../engine/conformance/virtual-bench.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { serveBench } from "./harness/remote-bench.ts";
import { ControllerModel } from "./harness/usb.ts";
import { attachUsbIp } from "./harness/usbip.ts";

const redirected = conformanceUnit();
const behindHub = conformanceUnit();
const overUsbIp = conformanceUnit();

let machine: Machine;
let conformance = "";
let unitsProgram = "";
let usbipPort = 0;
const paths = { redirected: "", behindHub: "", overUsbIp: "" };
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  conformance = await bundleWhole("test", "vm/guest/conformance.ts", "conformance");
  unitsProgram = await bundleWhole("test", "vm/guest/units.ts", "units");
  const direct = await serveUsbRedir({ unit: redirected, port: 0 });
  const hub = await serveUsbRedir({ unit: behindHub, port: 0 });
  const usbip = await serveUsbIp({ units: [overUsbIp], port: 0 });
  usbipPort = usbip.port;
  servers.push(direct, hub, usbip);
  machine = await bootMachine({
    redirected: [
      { port: direct.port, controller: ControllerModel.Nec, rootPort: 4 },
      { port: hub.port, controller: ControllerModel.Qemu, rootPort: 2, hubPort: 5 },
    ],
  });
  await machine.check("/lib/systemd/systemd-udevd --daemon");
  [paths.overUsbIp = ""] = await attachUsbIp(machine, usbipPort, ["1-1"]);
});

afterAll(async () => {
  await machine?.stop();
  for (const server of servers) await server.close();
});

async function attachedUnits(): Promise<AttachedUnit[]> {
  return JSON.parse(await machine.check(`node ${unitsProgram} list`));
}

test("a unit's place: controller, hubs and port, as the kernel knows them", async () => {
  const units = await attachedUnits();
  expect(units).toHaveLength(3);
  const direct = units.find(({ host }) => host.controller.vendorDevice === "1033:0194");
  expect(direct).toMatchObject({
    vendorId: 0x0483,
    productId: 0xdf11,
    serial: UNIT.serial,
    product: "STM32  BOOTLOADER",
    virtual: false,
    host: {
      controller: { driver: "xhci_hcd", kind: "xhci", subsystem: "1af4:1100" },
      hubs: [],
      speed: "full",
    },
  });
  expect(direct?.portPath).toMatch(/^\d+-4$/);
  expect(direct?.host.controller.pciAddress).toMatch(/^0000:00:[0-9a-f]{2}\.0$/);
  expect(direct?.host.machine).toMatch(/^[0-9a-f]{16}$/);
  expect(direct?.bootId).toMatch(/^[0-9a-f-]{36}$/);

  const hub = units.find(({ host }) => host.controller.vendorDevice === "1b36:000d");
  expect(hub?.portPath).toMatch(/^\d+-2\.5$/);
  // QEMU's hub is a full-speed one.
  expect(hub?.host.hubs).toEqual([
    { vendorProduct: "0409:55aa", port: 2, tt: "none", speed: "full" },
  ]);

  const vhci = units.find(({ virtual }) => virtual);
  expect(vhci).toMatchObject({
    portPath: paths.overUsbIp,
    host: { controller: { vendorDevice: "", driver: "vhci_hcd", kind: "virtual" } },
  });
  paths.redirected = direct?.portPath ?? "";
  paths.behindHub = hub?.portPath ?? "";
});

test("whose ports' power may be switched, by a user who has only the rule in docs/station.md", async () => {
  const power = async (path: string, as = "") =>
    JSON.parse(await machine.check(`${as} node ${unitsProgram} power ${path}`));
  const plain = "setpriv --reuid=65534 --groups=plugdev";
  expect(await power(paths.behindHub, plain)).toMatchObject({ switchable: false, off: false });
  const guide = await readFile(join(import.meta.dirname, "../../docs/station.md"), "utf8");
  const rules = guide.split("\n").filter((line) => line.startsWith("ACTION=="));
  expect(rules).toHaveLength(2);
  const own = rules.join("\n").replace('"05e3"', '"0409"').replace('"0610"', '"55aa"');
  await writeFile(join(machine.folder, "hub.rules"), own);
  await machine.check(`
    export SYSTEMD_IGNORE_CHROOT=1
    cp /vm/hub.rules /etc/udev/rules.d/99-hub.rules
    udevadm control --reload
    for action in add bind; do udevadm trigger --settle -c $action -s usb; done`);
  expect(await power(paths.behindHub, plain)).toMatchObject({ switchable: true, off: false });
  for (const path of [paths.redirected, paths.overUsbIp]) {
    expect(await power(path)).toMatchObject({ switchable: false });
  }
});

interface CheckResult {
  readonly name: string;
  readonly error?: string;
}

async function runChecks(wire: "redirected" | "overUsbIp"): Promise<CheckResult[]> {
  const unit = wire === "redirected" ? redirected : overUsbIp;
  const bench = benchOf(unit, () => Promise.reject(new RangeError("the guest opens it")));
  const server = await serveBench({
    ...bench,
    async plugAnother(serial) {
      await bench.plugAnother(serial);
      // Over usbredir the machine notices by itself; a USB/IP port is attached by hand.
      if (wire === "overUsbIp") await attachUsbIp(machine, usbipPort, ["1-1"]);
    },
  });
  const program = `node ${conformance} ${paths[wire]} ${server.port}`;
  const output = await machine.check(program, { seconds: 120 });
  await server.close();
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("the transport's contract", () => {
  const results: Partial<Record<string, CheckResult[]>> = {};

  beforeAll(async () => {
    const wires = ["redirected", "overUsbIp"] as const;
    const each = wires.map(async (wire) => {
      results[wire] = await runChecks(wire);
    });
    await Promise.all(each);
  });

  describe.each(["redirected", "overUsbIp"])("%s", (wire) => {
    test.each([...CHECKS, ...KERNEL_CHECKS])("$name", ({ name }) => {
      const result = results[wire]?.find((candidate) => candidate.name === name);
      expect(result).toBeDefined();
      expect(result?.error).toBeUndefined();
    });
  });
});

test("a bus reset travels to a unit behind usbredir", () => {
  expect(redirected.counters.busResets).toBeGreaterThan(0);
});

const connected = async (path: string) =>
  JSON.parse(await machine.check(`node ${unitsProgram} connected ${path}`));

test("a port of the PC, of a hub and of the USB/IP client says that a unit is connected", async () => {
  for (const path of [paths.redirected, paths.behindHub, paths.overUsbIp]) {
    expect(await connected(path), path).toBe(true);
  }
});

/** A program of an emulated machine starts within seconds, and on a busy host within many. */
const PATIENCE = { timeout: 60_000 };

test("hotplug events tell of a unit that leaves and comes back", async () => {
  const log = join(machine.folder, "hotplug.log");
  const watch = `node ${unitsProgram} watch ${paths.behindHub} 3`;
  const watching = machine.check(`${watch} >/vm/hotplug.log`, { seconds: 200 });
  const changes = async () => {
    const text = await readFile(log, "utf8").catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  };
  await expect.poll(changes, PATIENCE).toHaveLength(1);
  // The first look comes before the subscription to events is complete.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  behindHub.unplug();
  await expect.poll(changes, PATIENCE).toHaveLength(2);
  expect(await connected(paths.behindHub)).toBe(false);
  behindHub.plug();
  await watching;
  expect(await changes()).toEqual(["true", "false", "true"]);
});
