// `flashline dfu` through the real kernel, on units of a `flashline sim` process; what it wrote is read from the simulator's dump.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWhole } from "../../scripts/bundle.mjs";
import { NIGHTLY } from "../nightly.ts";
import { MachineError } from "./harness/cache.ts";
import { dfuseFile, firmware } from "./harness/images.ts";
import { bootMachine, type Machine } from "./harness/machine.ts";
import { type SimulatorProcess, startSimulator } from "./harness/simulator.ts";
import { ControllerModel } from "./harness/usb.ts";
import { attachUsbIp } from "./harness/usbip.ts";

const dfu = firmware(31_748, 3);
const raw = firmware(10_001, 4);
const onHub = firmware(40_000, 5);
/** Sectors 0 to 3 of an F407. */
const long = firmware(65_536, 6);

let machine: Machine;
let command = "";
let dumps = "";
let f072: SimulatorProcess;
let f407: SimulatorProcess;
/** In the datasheet's time: a signal finds it at work. */
let slow: SimulatorProcess;
/** Port paths in the guest. */
let first = "";
let second = "";
let third = "";
let behindHub = "";
let besideIt = "";
let stopped = "";
/** Both wait most of their time: they run beside everything else. */
let pulledOut: Promise<Outcome>;
let powerCycled: Promise<Outcome>;

beforeAll(async () => {
  dumps = await mkdtemp(join(tmpdir(), "flashline-dump-"));
  const bundled = bundleWhole("apps/cli", "src/main.ts", "flashline");
  f072 = await startSimulator([
    ...["--chip", "f072", "--units", "3", "--usbip", "0"],
    ...["--dump", join(dumps, "f072")],
  ]);
  f407 = await startSimulator([
    ...["--chip", "f407", "--units", "2", "--usbredir", "0"],
    ...["--dump", join(dumps, "f407")],
  ]);
  slow = await startSimulator([
    ...["--chip", "f407", "--units", "1", "--usbip", "0", "--real-time"],
    ...["--dump", join(dumps, "slow")],
  ]);
  command = `node ${await bundled}`;
  machine = await bootMachine({
    redirected: f407.usbredir.map((port, index) => ({
      port,
      controller: ControllerModel.Nec,
      rootPort: 2,
      hubPort: index + 1,
    })),
    onPortPower: (port, on) => port <= 2 && f407.write(`power ${port} ${on ? "on" : "off"}`),
  });
  [first = "", second = "", third = ""] = await attachUsbIp(machine, f072.usbip, [
    "1-1",
    "1-2",
    "1-3",
  ]);
  [stopped = ""] = await attachUsbIp(machine, slow.usbip, ["1-1"]);
  const files = { "d.bin": long, "a.dfu": dfuseFile(dfu), "b.bin": raw, "c.dfu": dfuseFile(onHub) };
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(machine.folder, name), bytes);
  }
  const hub = await machine.check(`
    for try in {1..100}; do
      [[ $(grep -l df11 /sys/bus/usb/devices/*-2.[12]/idProduct | wc -l) == 2 ]] && break
      sleep 0.1
    done
    basename /sys/bus/usb/devices/*-2.1`);
  behindHub = hub.trim();
  besideIt = behindHub.replace(/1$/, "2");
  f072.write("fault unplug=8192:3");
  f407.write("fault busy-wedge=powercycle@2:2");
  pulledOut = flashline(`dfu flash /vm/b.bin --path ${third}`);
  powerCycled = flashline(`dfu flash /vm/b.bin --path ${besideIt}`);
  for (const slow of [pulledOut, powerCycled]) slow.catch(() => undefined);
});

afterAll(async () => {
  await machine?.stop();
  await f072?.stop();
  await f407?.stop();
  await slow?.stop();
  await rm(dumps, { recursive: true, force: true });
});

type Outcome = Awaited<ReturnType<typeof flashline>>;

/** Runs the command in the guest; its lines of JSON. */
async function flashline(words: string) {
  const { status, stdout, stderr } = await machine.run(`${command} ${words} --json`, {
    // For what hangs: on a busy host a power cycle beside other commands took 90 s, and was told to stop.
    seconds: 200,
  });
  const events = stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  if (events.length === 0)
    throw new MachineError(`flashline ${words}: status ${status}\n${stderr}`);
  return { status, events, last: events.at(-1) };
}

const dumped = (simulator: string, unit: number, bytes: number) =>
  readFile(join(dumps, simulator, `unit-${unit}.bin`)).then((file) => file.subarray(0, bytes));

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test("lists the units on the kernel's ports with their places", async () => {
  const { status, events } = await flashline("dfu list");
  expect(status).toBe(0);
  const units = events.filter(({ event }) => event === "unit");
  const onController = units.filter(({ host }) => host.controller.vendorDevice === "1033:0194");
  expect(onController.map(({ path }) => path)).toContain(behindHub);
  expect(behindHub).toMatch(/^\d+-2\.1$/);
  const paths = units.map(({ path }) => path);
  expect(paths).toContain(first);
  expect(paths).toContain(second);
});

test("with several units and none named, refuses and touches none", async () => {
  const { status, last } = await flashline("dfu flash /vm/a.dfu");
  expect(status).toBe(3);
  expect(last).toMatchObject({ event: "refused", code: "device.several" });
});

test("flashes and verifies a .dfu file over USB/IP", async () => {
  const { status, last } = await flashline(`dfu flash /vm/a.dfu --path ${first}`);
  expect(last).toMatchObject({ event: "finished", outcome: "PASS", linkIncident: false });
  expect(status).toBe(0);
});

test("flashes and verifies a raw file over USB/IP", async () => {
  const words = `dfu flash /vm/b.bin --address 0x08000000 --path ${second}`;
  const { status, last } = await flashline(words);
  expect(last).toMatchObject({ event: "finished", outcome: "PASS", bytes: raw.length });
  expect(status).toBe(0);
});

test("flashes a unit behind a controller and a hub, and reads it back with another command", async () => {
  const { last } = await flashline(`dfu flash /vm/c.dfu --path ${behindHub}`);
  expect(last).toMatchObject({ event: "finished", outcome: "PASS", linkIncident: false });
  const length = `--address 0x08000000 --length ${onHub.length}`;
  await flashline(`dfu read /vm/back.bin ${length} --path ${behindHub}`);
  expect(same(await readFile(join(machine.folder, "back.bin")), onHub)).toBe(true);
});

test("a file that is cut short is refused before anything is touched", async () => {
  await writeFile(join(machine.folder, "cut.dfu"), dfuseFile(raw).subarray(0, 5000));
  const { status, last } = await flashline(`dfu flash /vm/cut.dfu --path ${behindHub}`);
  expect(status).toBe(2);
  expect(last.event).toBe("refused");
  expect(last.code).toMatch(/^image\./);
});

test("a unit that is pulled out in mid-write is a failure with a code, not a hang", async () => {
  const { status, last } = await pulledOut;
  expect(last).toMatchObject({ event: "finished", outcome: "FAIL", code: "attempt.unplugged" });
  expect(last).toMatchObject({ blame: "operator", linkIncident: false });
  expect(status).toBe(1);
});

test("a unit that only a power cycle cures gets it from kernel and hub, and its neighbour notices nothing", async () => {
  const { last, events } = await powerCycled;
  const met = JSON.stringify(
    events.filter(({ event }) => event !== "progress"),
    null,
    1,
  );
  expect(last, met).toMatchObject({ event: "finished", outcome: "PASS", linkIncident: true });
  const codes = events.filter(({ event }) => event === "incident").map(({ code }) => code);
  expect(codes).toContain("link.power_cycled");
});

/**
 * A flash in the guest that hears a signal at the first line of that kind. The milliseconds are the guest's own, from the signal to
 * the end of the process.
 */
async function told(at: string, signal: string) {
  const output = await machine.check(
    `
    coproc FLASH { exec ${command} dfu flash /vm/d.bin --path ${stopped} --dirty --json 2>/run/told.err; }
    flash=$FLASH_PID
    exec {lines}<&"\${FLASH[0]}"
    while read -r line <&$lines; do [[ $line =~ ${at} ]] && break; done
    from=\${EPOCHREALTIME/./}
    kill -${signal} $flash
    while read -r line <&$lines; do last=$line; done
    wait $flash
    echo $? $(( (\${EPOCHREALTIME/./} - from) / 1000 ))
    cat /run/told.err
    echo "$last"`,
    { seconds: 90 },
  );
  const [figures = "", ...rest] = output.trim().split("\n");
  const [status, ms] = figures.split(" ").map(Number);
  return { status, ms, said: rest[0], last: JSON.parse(rest.at(-1) ?? "") };
}

/** In the guest a program's own work takes ten times as long. The two seconds are the same: most of them are waited, not worked. */
const ENDS_WITHIN_MS = 2000;
const STOPPED = [
  ["the write", "write.*doneBytes..[1-9]", "SIGTERM", "half_written"],
  ["the erase", "erase.*doneBytes..[1-9]", "SIGINT", "erased"],
] as const;

test.each(STOPPED.filter(([phase]) => NIGHTLY || phase === "the erase"))(
  "told to stop in %s over the kernel, it ends, says what the unit is left with, and the next flash passes",
  async (phase, at, signal, leftWith) => {
    const { status, ms, said, last } = await told(at, signal);
    process.stdout.write(`told to stop in ${phase} over the kernel: ended after ${ms} ms\n`);
    expect([status, said]).toEqual([1, expect.stringMatching(/^Stopping\./)]);
    expect(ms).toBeLessThan(ENDS_WITHIN_MS);
    expect(last).toMatchObject({ event: "finished", code: "attempt.interrupted", leftWith });
    const next = await flashline(`dfu flash /vm/d.bin --path ${stopped}`);
    expect(next.events).toContainEqual(expect.objectContaining({ event: "dirty", by: "note" }));
    expect(next.last).toMatchObject({ outcome: "PASS", erasedSectors: 4 });
  },
);

test("what the command called a PASS is what the simulator's flash holds", async () => {
  expect(await f072.stop()).toBe(0);
  expect(await f407.stop()).toBe(0);
  expect(await slow.stop()).toBe(0);
  expect(same(await dumped("slow", 1, long.length), long)).toBe(true);
  expect(same(await dumped("f072", 1, dfu.length), dfu)).toBe(true);
  expect(same(await dumped("f072", 2, raw.length), raw)).toBe(true);
  expect(same(await dumped("f407", 1, onHub.length), onHub)).toBe(true);
  expect(same(await dumped("f407", 2, raw.length), raw)).toBe(true);
});
