import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Simulator, startSimulator } from "./support/command.ts";

/** Option bytes, read protection and leave, as real processes against a real simulator: unit 2 is protected. */
let folder: string;
let sim: Simulator;
const dfu = (busid: string, ...args: string[]) =>
  flashline(["dfu", ...args, "--usbip", sim.at(busid), "--json"]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-options-"));
  const dump = ["--dump", join(folder, "dump")];
  sim = await startSimulator([
    "--chip",
    "f042",
    "--units",
    "3",
    "--fault",
    "read-protect=1:2",
    ...dump,
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("options are shown by name, and set by name", async () => {
  const shown = await dfu("1-1", "options");
  expect(shown.events[1]).toMatchObject({ event: "options", table: "F0", corrupt: [] });
  const set = await dfu("1-1", "options", "--set", "nRST_STOP=0");
  expect([set.code, set.last["outcome"]]).toEqual([0, "PASS"]);
  expect(JSON.stringify(set.events)).toContain('{"name":"nRST_STOP","value":0,"width":1}');
});

test("what cannot be undone, and what is not there, is refused before anything is written", async () => {
  const seen: unknown[] = [];
  const firmware = join(folder, "any.bin");
  writeFileSync(firmware, randomBytes(1000));
  for (const args of [
    ["options", "--set", "RDP=2", "--yes-i-mean", "unverified-flash"],
    ["options", "--set", "RDP=1"],
    ["options", "--set", "WRP0=0", "--yes-i-mean", "rdp2"],
    ["options", "--set", "TZEN=1"],
    ["unprotect"],
    ["info", "--chip", "STM32F9"],
    ["flash", firmware, "--bank-mode", "dual"],
    ["erase", "--address", "0x08000000", "--length", "0"],
    ["leave", "--expect", "0483:5740"],
  ]) {
    const { code, last } = await dfu("1-1", ...args);
    seen.push([code, last["code"]]);
  }
  const [confirm, value, usage] = ["usage.confirm", "options.value", "usage.argument"];
  const codes = [confirm, confirm, confirm, value, confirm, usage, usage, usage, usage];
  expect(seen).toEqual(codes.map((code) => [2, code]));
});

test("a unit with other option bytes than expected is not erased", async () => {
  const image = join(folder, "firmware.bin");
  writeFileSync(image, randomBytes(1000));
  const wrong = await dfu("1-1", "flash", image, "--expect-option", "nRST_STOP=1");
  expect([wrong.code, wrong.last["code"]]).toEqual([1, "options.mismatch"]);
  const right = await dfu("1-1", "flash", image, "--expect-option", "nRST_STOP=0");
  expect(right.last["outcome"]).toBe("PASS");
});

test("read protection is told without changing anything, and what is out of reach is a wrong command", async () => {
  const [open, shut] = [await dfu("1-1", "info"), await dfu("1-2", "info")];
  expect(open.events.find(({ event }) => event === "info")).toMatchObject({
    readProtection: {
      state: "open",
      level: "level 0",
      evidence: expect.stringMatching(/^RDP is 0xaa; .* can be read$/),
    },
  });
  expect(shut.events.find(({ event }) => event === "info")).toMatchObject({
    readProtection: { state: "protected", evidence: expect.stringMatching(/after a bus reset/) },
  });
  const options = join(folder, "options.bin");
  expect((await dfu("1-1", "read", options, "--alt", "1")).last["outcome"]).toBe("PASS");
  expect(readFileSync(options)).toHaveLength(16);
  const seen: unknown[] = [];
  for (const args of [
    ["read", join(folder, "no.bin"), "--alt", "9"],
    ["read", join(folder, "no.bin"), "--address", "0x09000000", "--length", "16"],
    ["erase", "--address", "0x1ffff800", "--length", "16"],
  ]) {
    const { code, last } = await dfu("1-1", ...args);
    seen.push([code, last["code"]]);
  }
  expect(seen).toEqual(["usage.argument", "usage.range", "usage.range"].map((code) => [2, code]));
});

test("protection that is written and not in effect is told as that, until the unit was off and on", async () => {
  const image = join(folder, "protected.bin");
  writeFileSync(image, randomBytes(1000));
  expect((await dfu("1-3", "flash", image)).code).toBe(0);
  const set = await dfu("1-3", "options", "--set", "RDP=1", "--image", image);
  expect([set.code, set.last["code"]]).toEqual([1, "options.power_cycle"]);
  const told = async () => {
    const { events } = await dfu("1-3", "info");
    return events.find(({ event }) => event === "info")?.["readProtection"];
  };
  expect(await told()).toMatchObject({ state: "written", level: "level 1" });
  sim.command("powercycle 3");
  // The unit is away for a moment, and the command may not have been read yet.
  await expect.poll(told, { timeout: 25_000 }).toMatchObject({ state: "protected" });
});

test("a list names what it was asked for, and a server that is not there is no missing unit", async () => {
  const list = (...args: string[]) => flashline(["dfu", "list", ...args]);
  expect((await list("--usbip", sim.at("9-9"))).stdout).toMatch(/^No unit .* at 9-9\. .* 1-1, 1-2/);
  expect(await list("--usbip", sim.at(), "--device", "1209:0001")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^No DFU device with the ids 1209:0001\./),
  });
  const away = await list("--usbip", "127.0.0.1:9");
  expect([away.code, away.stderr]).toEqual([3, expect.stringMatching(/nothing listens there/)]);
});

test("protection is lifted where it is proven, and nowhere else", async () => {
  const sure = ["--yes-i-mean", "read-unprotect"];
  const open = await dfu("1-1", "unprotect", ...sure);
  expect([open.code, open.last["code"]]).toEqual([1, "protection.none"]);
  const lifted = await dfu("1-2", "unprotect", ...sure);
  expect([lifted.code, lifted.last["outcome"]]).toEqual([0, "PASS"]);
  const nothing = await dfu("1-2", "leave", "--expect", "dfu-gone", "--within", "1");
  expect([nothing.code, nothing.last["code"]]).toEqual([1, "leave.bootloader"]);
});

test("what the closing lines say was seen: of RDP its effect, of one-time memory what is blank there", async () => {
  const other = await startSimulator(["--chip", "f407"]);
  const text = async (...args: string[]) => {
    const { stdout } = await flashline(["dfu", ...args, "--usbip", other.at("1-1")]);
    return stdout;
  };
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  for (const path of [first, second]) writeFileSync(path, randomBytes(8));
  const otp = ["--address", "0x1fff7800", "--yes-i-mean", "otp"];
  expect(await text("otp", first, ...otp)).toMatch(/^PASS/m);
  expect(await text("otp", first, ...otp)).toMatch(/^PASS/m);
  expect(await text("otp", second, ...otp)).toMatch(/options\.otp[\s\S]*What is blank there still/);
  const sure = ["--yes-i-mean", "rdp2", "--yes-i-mean", "unverified-flash"];
  expect(await text("options", "--set", "RDP=2", ...sure)).toMatch(
    /^PASS {2}RDP is set and seen to work/m,
  );
  expect(await other.stop()).toBe(0);
});

test("an application that starts is seen: the bootloader is gone and stays away", async () => {
  const image = join(folder, "application.bin");
  const vectors = Buffer.alloc(64);
  vectors.writeUInt32LE(0x2000_1000, 0);
  vectors.writeUInt32LE(0x0800_0021, 4);
  writeFileSync(image, vectors);
  expect((await dfu("1-2", "flash", image)).code).toBe(0);
  const left = await dfu("1-2", "leave", "--expect", "dfu-gone");
  expect([left.code, left.last["outcome"]]).toEqual([0, "PASS"]);
  expect(await sim.stop()).toBe(0);
  const counters = [1, 2].map(
    (unit) => JSON.parse(readFileSync(join(folder, `dump/unit-${unit}.json`), "utf8")).counters,
  );
  expect(counters).toMatchObject([
    { optionWrites: 1, readUnprotects: 0, massErases: 0 },
    { optionWrites: 0, readUnprotects: 1, massErases: 0 },
  ]);
});
