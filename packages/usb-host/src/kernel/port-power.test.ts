import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { LinkError } from "@flashline/dfu-core/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type PowerSwitching, powerSwitchingIn } from "./hub-descriptor.ts";
import { cyclePortPower, portPower } from "./port-power.ts";

const BUS2 = "devices/pci0000:00/0000:00:14.0/usb3";
const BUS3 = "devices/pci0000:00/0000:00:14.0/usb4";
const UNIT = { vendorId: 0x0483, productId: 0xdf11 };

let sysfs = "";
beforeEach(async () => {
  sysfs = await mkdtemp(join(tmpdir(), "sysfs-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(sysfs, { recursive: true });
});

/** The time for which a port is dark is the test's: a real one may be over before a busy machine has looked. */
const holdTime = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
/** Everything is switched off, and the time runs that it stays so. */
async function isDark(): Promise<void> {
  // Turns of the event loop: a poll of vitest moves the time of the test.
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
}
function passTime(): void {
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
}

const link = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(join(sysfs, from)), { recursive: true });
  await mkdir(join(sysfs, to), { recursive: true });
  await symlink(relative(dirname(join(sysfs, from)), join(sysfs, to)), join(sysfs, from));
};

/** A device, or a hub with ports, as Linux 6.1 lays them out. */
async function plug(path: string, id = "0483:df11"): Promise<void> {
  await mkdir(join(sysfs, path), { recursive: true });
  const [idVendor = "", idProduct = ""] = id.split(":");
  await writeFile(join(sysfs, path, "idVendor"), idVendor);
  await writeFile(join(sysfs, path, "idProduct"), idProduct);
  await link(`bus/usb/devices/${basename(path)}`, path);
}

async function hub(path: string, ports = 4, withSwitch = true): Promise<void> {
  await plug(path, "05e3:0610");
  const name = basename(path);
  for (let number = 1; number <= ports; number += 1) {
    const folder = join(sysfs, portFolder(path, number));
    await mkdir(folder, { recursive: true });
    if (withSwitch) await writeFile(join(folder, "disable"), "0\n");
  }
  await mkdir(join(sysfs, path, `${name}:1.0`), { recursive: true });
}
const portFolder = (path: string, number: number): string => {
  const name = basename(path);
  const interfaceName = name.startsWith("usb") ? `${name.slice(3)}-0:1.0` : `${name}:1.0`;
  return `${path}/${interfaceName}/${name}-port${number}`;
};
const state = async (path: string, number: number): Promise<string> =>
  (await readFile(join(sysfs, portFolder(path, number), "disable"), "utf8")).trim();

const says =
  (answers: Readonly<Record<string, PowerSwitching>>) =>
  (name: string): Promise<PowerSwitching> => {
    const answer = answers[name];
    return answer === undefined
      ? Promise.reject(new Error("Permission denied"))
      : Promise.resolve(answer);
  };

test("only the unit's own port is switched off for a while, and on again", async () => {
  await hub(`${BUS2}/3-4`);
  await plug(`${BUS2}/3-4/3-4.2`);
  const options = { sysfs, switching: says({ "3-4": "each" }) };
  expect(await portPower("3-4.2", options)).toMatchObject({ switchable: true, off: false });
  holdTime();
  const cycle = cyclePortPower("3-4.2", { ...options, unit: UNIT, offMs: 60 });
  await isDark();
  expect(await state(`${BUS2}/3-4`, 2)).toBe("1");
  for (const other of [1, 3, 4]) expect(await state(`${BUS2}/3-4`, other)).toBe("0");
  passTime();
  await cycle;
  expect(await state(`${BUS2}/3-4`, 2)).toBe("0");
});

test("an abort in the dark leaves the port on", async () => {
  await hub(`${BUS2}/3-4`);
  const abort = new AbortController();
  holdTime();
  const cycle = cyclePortPower("3-4.2", {
    sysfs,
    unit: UNIT,
    offMs: 60_000,
    signal: abort.signal,
    switching: says({ "3-4": "each" }),
  });
  await isDark();
  expect(await state(`${BUS2}/3-4`, 2)).toBe("1");
  expect(await portPower("3-4.2", { sysfs })).toMatchObject({ off: true });
  const reason = new Error("stopped");
  abort.abort(reason);
  await expect(cycle).rejects.toBe(reason);
  expect(await state(`${BUS2}/3-4`, 2)).toBe("0");
});

test("a USB 3 hub's two halves share the connector's power: both are switched", async () => {
  await hub(`${BUS2}/3-4`);
  await hub(`${BUS3}/4-4`);
  await link(`${portFolder(`${BUS2}/3-4`, 2)}/peer`, portFolder(`${BUS3}/4-4`, 2));
  const switching = says({ "3-4": "each", "4-4": "each" });
  holdTime();
  const cycle = cyclePortPower("3-4.2", { sysfs, unit: UNIT, offMs: 60, switching });
  await isDark();
  expect(await state(`${BUS3}/4-4`, 2)).toBe("1");
  expect(await state(`${BUS2}/3-4`, 2)).toBe("1");
  passTime();
  await cycle;
  expect(await state(`${BUS3}/4-4`, 2)).toBe("0");
  expect(await state(`${BUS2}/3-4`, 2)).toBe("0");
});

type World = () => Promise<void>;
const refusals: readonly (readonly [string, World, Record<string, PowerSwitching>, RegExp])[] = [
  ["a ganged hub", () => hub(`${BUS2}/3-4`), { "3-4": "all" }, /all its ports together/],
  ["a hub without switches", () => hub(`${BUS2}/3-4`), { "3-4": "none" }, /does not switch power/],
  ["a hub that may not be asked", () => hub(`${BUS2}/3-4`), {}, /Permission denied/],
  ["a hub that has left", () => hub(`${BUS2}/3-5`), { "3-4": "each" }, /its hub is not there/],
  [
    "a kernel before 6.0",
    () => hub(`${BUS2}/3-4`, 4, false),
    { "3-4": "each" },
    /needs Linux 6\.0/,
  ],
  [
    "something else in the port",
    async () => {
      await hub(`${BUS2}/3-4`);
      await plug(`${BUS2}/3-4/3-4.2`, "0781:5567");
    },
    { "3-4": "each" },
    /something else is plugged in/,
  ],
  [
    "a USB 3 half that is ganged",
    async () => {
      await hub(`${BUS2}/3-4`);
      await hub(`${BUS3}/4-4`);
      await link(`${portFolder(`${BUS2}/3-4`, 2)}/peer`, portFolder(`${BUS3}/4-4`, 2));
    },
    { "3-4": "each", "4-4": "all" },
    /hub 4-4 switches all/,
  ],
  [
    "a USB 3 half in use",
    async () => {
      await hub(`${BUS2}/3-4`);
      await hub(`${BUS3}/4-4`);
      await plug(`${BUS3}/4-4/4-4.2`, "0781:5581");
      await link(`${portFolder(`${BUS2}/3-4`, 2)}/peer`, portFolder(`${BUS3}/4-4`, 2));
      await link(`${portFolder(`${BUS3}/4-4`, 2)}/device`, `${BUS3}/4-4/4-4.2`);
    },
    { "3-4": "each", "4-4": "each" },
    /4-4\.2 shares the connector/,
  ],
];

test.each(refusals)("%s: nothing is switched", async (_, world, answers, reason) => {
  await world();
  const cycle = cyclePortPower("3-4.2", { sysfs, unit: UNIT, offMs: 0, switching: says(answers) });
  await expect(cycle).rejects.toThrow(reason);
  await expect(cycle).rejects.toBeInstanceOf(LinkError);
  // As they were laid out: what is switched back has no line end.
  for (const name of await readdir(sysfs, { recursive: true })) {
    if (basename(name) !== "disable") continue;
    expect(await readFile(join(sysfs, name), "utf8")).toBe("0\n");
  }
});

test("a half that stays off does not keep the unit's own port dark", async () => {
  await hub(`${BUS2}/3-4`);
  await plug(`${BUS2}/3-4/3-4.2`);
  await hub(`${BUS3}/4-4`);
  await link(`${portFolder(`${BUS2}/3-4`, 2)}/peer`, portFolder(`${BUS3}/4-4`, 2));
  const switching = says({ "3-4": "each", "4-4": "each" });
  holdTime();
  const cycle = cyclePortPower("3-4.2", { sysfs, switching, unit: UNIT, offMs: 60 });
  const ended = expect(cycle).rejects.toThrow(/EISDIR/);
  await isDark();
  expect(await state(`${BUS3}/4-4`, 2)).toBe("1");
  const other = join(sysfs, portFolder(`${BUS3}/4-4`, 2), "disable");
  await rm(other);
  await mkdir(other);
  passTime();
  await ended;
  expect(await state(`${BUS2}/3-4`, 2)).toBe("0");
});

test("the PC's own ports and those of the USB/IP client are left alone", async () => {
  await hub(BUS2);
  await hub("devices/platform/vhci_hcd.0/usb9/9-1");
  const switching = () => Promise.resolve("each" as const);
  for (const [path, reason] of [
    ["3-2", /use a hub/],
    ["9-1.2", /USB\/IP client/],
    ["../../etc", /hub is not there/],
  ] as const) {
    const power = await portPower(path, { sysfs, switching });
    expect(power).toMatchObject({ switchable: false, reason: expect.stringMatching(reason) });
  }
});

test.each([
  [[9, 0x29, 4, 0xe0, 0], "all"],
  [[9, 0x29, 4, 0xe9, 0], "each"],
  [[9, 0x29, 4, 0x0a, 0], "none"],
  [[12, 0x2a, 4, 0x0b, 0], "none"],
] as const)("hub descriptor %j: %s", (bytes, mode) => {
  expect(powerSwitchingIn(Uint8Array.from(bytes))).toBe(mode);
});

test("a reply that is no hub descriptor is an error", () => {
  expect(() => powerSwitchingIn(Uint8Array.of(9, 0x29))).toThrow(LinkError);
  expect(() => powerSwitchingIn(Uint8Array.of(9, 2, 4, 1))).toThrow(LinkError);
});
