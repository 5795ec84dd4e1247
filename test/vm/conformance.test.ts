// Debian's dfu-util, through a real kernel, on every part over USB/IP and on several units behind QEMU's controllers over usbredir
// at once: somebody else's host on our device. The table goes to artifacts/conformance.md.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createVirtualUnit,
  PARTS,
  partByName,
  scaledClock,
  serveUsbIp,
  serveUsbRedir,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NIGHTLY } from "../nightly.ts";
import {
  type Conformance,
  conformanceOf,
  flashProduct,
  type ProductTrial,
  table,
} from "./harness/dfu-util.ts";
import { dfuseFile, firmware } from "./harness/images.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { ControllerModel, type RedirectedUnit } from "./harness/usb.ts";
import { attachAllUsbIp } from "./harness/usbip.ts";

const ARTIFACTS = join(import.meta.dirname, "../../artifacts");

interface Candidate {
  readonly wire: "USB/IP" | "usbredir";
  readonly unit: VirtualUnit;
}

/** The serial alone tells dfu-util's units apart; everything else is the part's own. The flash is full: only an erase makes room. */
function candidate(wire: Candidate["wire"], part: string): Candidate {
  const serial = `${part.toUpperCase()}${wire === "USB/IP" ? "A" : "B"}`;
  const unit = createVirtualUnit({
    part: partByName(part),
    serial,
    clock: scaledClock(1),
    timing: "none",
  });
  unit.flash.load(unit.flash.base, firmware(unit.flash.size, 9));
  return { wire, unit };
}

/** Behind QEMU's controllers, in the order of `PLACES`. */
const REDIRECTED = ["g0b1", "f407", "l476", "f072"];
/** With those, one of each behaviour: start, mass erase, early poll, answer to the leave. The others differ in layout and figures. */
const QUICK = ["f405", "f722", "l072"];
const tried = PARTS.filter(({ name }) => NIGHTLY || QUICK.includes(name));
const overUsbIp = tried.map(({ name }) => candidate("USB/IP", name));
/** Products' own bootloaders: what to give dfu-util for download and upload, and where in the flash the image belongs. */
const QUICK_TRIALS = [
  ["library", "-a 0 -s 0x0800c000", "-a 0 -s 0x0800c000:3072", 48 * 1024],
  ["plain-alt2", "-a 2", "-a 2", 8 * 1024],
] as const;
const MORE_TRIALS = [
  ["library-2", "-a 0 -s 0x0800c000", "-a 0 -s 0x0800c000:3072", 48 * 1024],
  ["plain", "-a 0", "-a 0", 8 * 1024],
] as const;
const PRODUCT_TRIALS = [...QUICK_TRIALS, ...(NIGHTLY ? MORE_TRIALS : [])];
const products = PRODUCT_TRIALS.map(([name]) => candidate("USB/IP", name).unit);
const PLACES: readonly Omit<RedirectedUnit, "port">[] = [
  { controller: ControllerModel.Nec, rootPort: 1 },
  { controller: ControllerModel.Nec, rootPort: 2, hubPort: 3 },
  { controller: ControllerModel.Nec, rootPort: 2, hubPort: 4 },
  { controller: ControllerModel.Qemu, rootPort: 4 },
];
const behindQemu = REDIRECTED.map((part) => candidate("usbredir", part));
const candidates = [...overUsbIp, ...behindQemu];

const FIRST = firmware(4096, 1);
const SECOND = firmware(3072, 2);
/** About a minute when nothing else runs. */
const BUSY_HOST_MS = 400_000;
/** More, and an emulated machine on a busy host answers later than libusb's second. */
const AT_ONCE = 6;

/** dfu-util waits 35 s where a ROM is known to announce too little. */
const massEraseMs = ({ unit: { part, flash } }: Candidate) =>
  part.rom.massErasePollMs === undefined
    ? part.flash.sectors.reduce(
        (sum, [count, size]) => sum + count * flash.rules.erase(size).typical,
        0,
      )
    : 35_000;
const order = ({ serial }: Conformance) =>
  candidates.findIndex(({ unit }) => unit.serial === serial);

let machine: Machine;
const results: Conformance[] = [];
const productResults = new Map<string, ProductTrial>();
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const exported = [...overUsbIp.map(({ unit }) => unit), ...products];
  const usbip = await serveUsbIp({ units: exported, port: 0 });
  const ports = await Promise.all(behindQemu.map(({ unit }) => serveUsbRedir({ unit, port: 0 })));
  servers.push(usbip, ...ports);
  machine = await bootMachine({
    redirected: PLACES.map((place, index) => ({ ...place, port: ports[index]?.port ?? 0 })),
  });
  await attachAllUsbIp(machine, usbip.port, exported.length, exported.length + PLACES.length);
  await writeFile(join(machine.folder, "first.dfu"), dfuseFile(FIRST));
  await writeFile(join(machine.folder, "second.bin"), SECOND);
  const listing = await machine.check("dfu-util -l", { seconds: 120 });
  const waiting = candidates.toSorted((a, b) => massEraseMs(b) - massEraseMs(a));
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results.push(await conformanceOf({ machine, ...next, listing, first: FIRST }));
    }
  };
  const productWork = async () => {
    for (const [index, [name, download, upload]] of PRODUCT_TRIALS.entries()) {
      const unit = products[index];
      if (unit) productResults.set(name, await flashProduct(machine, unit, download, upload));
    }
  };
  await Promise.all([...Array.from({ length: AT_ONCE - 1 }, work), productWork().then(work)]);
  results.sort((a, b) => order(a) - order(b));
  const text = table(results);
  await mkdir(ARTIFACTS, { recursive: true });
  await writeFile(join(ARTIFACTS, "conformance.md"), text);
  process.stdout.write(text);
}, BUSY_HOST_MS);

afterAll(async () => {
  await machine?.stop();
  for (const server of servers) await server.close();
});

test("the machine has the host's files and cannot change them, one shared folder, and the kernel's USB/IP client", async () => {
  expect(await machine.check("uname -r")).toMatch(/amd64/);
  const own = import.meta.filename;
  expect(await machine.check(`cat ${own}; echo changed >${own}; cat ${own}`)).toMatch(/changed\n$/);
  expect(await readFile(own, "utf8")).not.toMatch(/changed\n$/);
  await machine.check("echo there >/vm/file");
  expect(await readFile(join(machine.folder, "file"), "utf8")).toBe("there\n");
  expect(await machine.check("ls /sys/bus/usb/devices")).toContain("usb1");
  await machine.check("ls -d /sys/devices/platform/vhci_hcd.0");
});

test("a command's status, both outputs and its time-out come back", async () => {
  const result = await machine.run("echo out; echo error >&2; exit 7");
  expect(result).toMatchObject({ status: 7, stdout: "out\n", stderr: "error\n" });
  expect(await machine.run("sleep 30", { seconds: 1 })).toMatchObject({ status: 124 });
  await expect(machine.check("exit 3")).rejects.toThrow(/status 3/);
});

test("every wanted part and every place was tried", () => {
  expect(tried.length).toBeGreaterThanOrEqual(NIGHTLY ? 20 : QUICK.length);
  expect(results).toHaveLength(tried.length + PLACES.length);
});

test("dfu-util finds each unit where it was plugged in", () => {
  const pathOf = (serial: string) =>
    results.find((result) => result.serial === serial)?.path ?? "none";
  expect(pathOf("G0B1B")).toMatch(/^\d+-1$/);
  expect(pathOf("F407B")).toMatch(/^\d+-2\.3$/);
  expect(pathOf("L476B")).toMatch(/^\d+-2\.4$/);
  expect(pathOf("F072B")).toMatch(/^\d+-4$/);
});

test.each(candidates.map(({ wire, unit }) => [unit.part.name, wire, unit] as const))(
  "%s over %s: listed, mass erased, flashed, read, page erased and flashed, left",
  (_, wire, unit) => {
    const result = results.find(({ serial }) => serial === unit.serial);
    expect(result).toMatchObject({
      wire,
      listed: true,
      massErase: true,
      flash: true,
      read: true,
      pageErase: true,
      leave: unit.part.rom.leaveStatus === "answered" ? "answered" : "gone",
      trouble: "",
      illegal: [],
    });
    const flashed = unit.flash.snapshot().subarray(0, SECOND.length);
    expect(Buffer.compare(flashed, SECOND)).toBe(0);
    expect(unit.counters).toMatchObject({ massErases: 1, leaves: 1, readUnprotects: 0 });
  },
);

test.each(PRODUCT_TRIALS)(
  "%s: dfu-util flashes a product's own bootloader and reads back what it wrote",
  (name, _download, _upload, at) => {
    const unit = products.find(({ part }) => part.name === name);
    const trial = productResults.get(name);
    expect(trial, trial?.stdout).toMatchObject({ status: 0 });
    const back = trial?.back.subarray(0, SECOND.length) ?? new Uint8Array();
    expect(Buffer.compare(back, SECOND)).toBe(0);
    const content = unit?.flash.snapshot() ?? new Uint8Array();
    expect(Buffer.compare(content.subarray(at, at + SECOND.length), SECOND)).toBe(0);
    const own = firmware(content.length, 9).subarray(0, at);
    expect(Buffer.compare(content.subarray(0, at), own)).toBe(0);
    expect(unit?.illegal).toEqual([]);
  },
);
