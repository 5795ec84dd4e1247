// Debian's dfu-util, through a real kernel, checks the virtual unit: somebody else's host on our device.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createVirtualUnit,
  partByName,
  scaledClock,
  serveUsbIp,
  serveUsbRedir,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dfuseFile, firmware } from "./harness/images.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { ControllerModel } from "./harness/usb.ts";
import { attachUsbIp } from "./harness/usbip.ts";

const FLASH = 0x0800_0000;

const unitOf = (part: string, serial: string) =>
  createVirtualUnit({ part: partByName(part), serial, clock: scaledClock(1), timing: "none" });

const units = {
  "USB/IP": unitOf("f072", "OVERUSBIP"),
  "usbredir behind a hub": unitOf("f407", "BEHINDHUB"),
  "usbredir on a root port": unitOf("g0b1", "ROOTPORT"),
} as const;
type Wire = keyof typeof units;
const WIRES = Object.keys(units) as Wire[];

let machine: Machine;
const paths = new Map<Wire, string>();
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const usbip = await serveUsbIp({ units: [units["USB/IP"]], port: 0 });
  const hub = await serveUsbRedir({ unit: units["usbredir behind a hub"], port: 0 });
  const root = await serveUsbRedir({ unit: units["usbredir on a root port"], port: 0 });
  servers.push(usbip, hub, root);
  machine = await bootMachine({
    redirected: [
      { port: hub.port, controller: ControllerModel.Nec, rootPort: 2, hubPort: 3 },
      { port: root.port, controller: ControllerModel.Nec, rootPort: 1 },
    ],
  });
  const [path = ""] = await attachUsbIp(machine, usbip.port, ["1-1"]);
  paths.set("USB/IP", path);
});

afterAll(async () => {
  await machine?.stop();
  for (const server of servers) await server.close();
});

test("dfu-util lists every unit with its path, serial and memory layouts", async () => {
  const listing = await machine.check("dfu-util -l");
  for (const wire of WIRES) {
    const { serial, part } = units[wire];
    const lines = listing.split("\n").filter((line) => line.includes(`serial="${serial}"`));
    expect(lines).toHaveLength(part.alternates.length);
    for (const name of part.alternates) {
      expect(lines.some((line) => line.includes(`name="${name}"`))).toBe(true);
    }
    expect(lines[0]).toContain("[0483:df11] ver=");
    const path = /path="([^"]+)"/.exec(lines[0] ?? "")?.[1] ?? "";
    if (wire === "USB/IP") expect(path).toBe(paths.get(wire));
    paths.set(wire, path);
  }
  expect(paths.get("usbredir behind a hub")).toMatch(/^\d+-2\.3$/);
  expect(paths.get("usbredir on a root port")).toMatch(/^\d+-1$/);
});

describe.each(WIRES)("%s", (wire) => {
  const unit = units[wire];
  const flashed = (length: number) => unit.flash.snapshot().subarray(0, length);
  const dfuUtil = (words: string) =>
    machine.check(`dfu-util -d 0483:df11 -S ${unit.serial} -a 0 ${words}`, { seconds: 60 });
  const file = (name: string) => join(machine.folder, `${unit.serial}-${name}`);

  test("a .dfu file arrives byte for byte", async () => {
    const content = firmware(5000, 1);
    await writeFile(file("a.dfu"), dfuseFile(content));
    await dfuUtil(`-D /vm/${unit.serial}-a.dfu`);
    expect(same(flashed(5000), content)).toBe(true);
  });

  test("a raw file arrives, and comes back the same", async () => {
    const content = firmware(6144, 2);
    await writeFile(file("b.bin"), content);
    await dfuUtil(`-s 0x08000000 -D /vm/${unit.serial}-b.bin`);
    expect(same(flashed(content.length), content)).toBe(true);
    await dfuUtil(`-s ${FLASH}:${content.length} -U /vm/${unit.serial}-back.bin`);
    expect(same(await readFile(file("back.bin")), content)).toBe(true);
  });

  test("nothing that dfu-util did was illegal", () => {
    expect(unit.illegal).toEqual([]);
  });
});

/** toEqual on kilobytes is slow, and prints them. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
