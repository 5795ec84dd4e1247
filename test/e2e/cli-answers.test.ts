import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Simulator, startSimulator } from "./support/command.ts";

/** Commands that contradict themselves or the unit, and what is said of a start; real processes on real simulators. */
let folder: string;
let sim: Simulator;
const file = (name: string): string => join(folder, name);
/** No byte of it begins what the support takes for a line of JSON. */
const image = randomBytes(5000).map((byte) => (byte === 0x7b ? 0 : byte));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-answers-"));
  writeFileSync(file("firmware.bin"), image);
  const vectors = Buffer.alloc(64);
  vectors.writeUInt32LE(0x2000_1000, 0);
  vectors.writeUInt32LE(0x0800_0021, 4);
  writeFileSync(file("application.bin"), vectors);
  const names = ["firmware.hex", "firmware.srec", "firmware.dfu"];
  await Promise.all(
    names.map((name) => flashline(["image", "convert", file("firmware.bin"), file(name)])),
  );
  sim = await startSimulator(["--chip", "f042", "--units", "4", "--dump", file("dump")]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dfu = (busid: string, ...args: string[]) =>
  flashline(["dfu", ...args, "--usbip", sim.at(busid), "--json"]);

test("an address beside a file that has its own is a contradiction, whichever the file and the command", async () => {
  const at = ["--address", "0x08001000"];
  const answers = await Promise.all([
    dfu("1-1", "flash", file("firmware.hex"), ...at),
    dfu("1-2", "verify", file("firmware.dfu"), ...at),
    flashline(["image", "inspect", file("firmware.srec"), ...at, "--json"]),
    flashline(["image", "convert", file("firmware.hex"), file("out.bin"), ...at, "--json"]),
  ]);
  for (const { code, last } of answers) {
    expect([code, last["event"], last["code"]]).toEqual([2, "refused", "usage.argument"]);
    expect(last["message"]).toContain("carries its own addresses");
  }
});

test("a capture or a backup never takes the place of what is read", async () => {
  copyFileSync(file("firmware.bin"), file("self.bin"));
  symlinkSync(file("self.bin"), file("link.bin"));
  const answers = await Promise.all([
    dfu("1-1", "flash", file("self.bin"), "--pcapng", file("self.bin")),
    dfu("1-2", "verify", file("self.bin"), "--pcapng", file("link.bin")),
    dfu("1-3", "read", file("both"), "--pcapng", file("both")),
    flashline(["image", "convert", file("self.bin"), file("link.bin"), "--json"]),
  ]);
  expect(answers.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  expect(readFileSync(file("self.bin")).equals(image)).toBe(true);
});

test("what only the unit shows to be a wrong command exits 2 as well", async () => {
  const flash = ["flash", file("firmware.bin")];
  const answers = await Promise.all([
    dfu("1-1", ...flash, "--expect-option", "NOPE=1"),
    dfu("1-2", ...flash, "--plain"),
    dfu("1-3", "read", file("nothing.bin"), "--address", "0x09000000", "--length", "16"),
    dfu("1-4", "erase", "--address", "0x07000000", "--length", "16"),
  ]);
  expect(answers.map(({ code, last }) => [code, last["event"]])).toEqual(
    Array(4).fill([2, "refused"]),
  );
  expect(answers.map(({ last }) => String(last["code"]))).toEqual([
    "options.value",
    ...Array(3).fill(expect.stringMatching(/^usage\./)),
  ]);
});

test("a dry run looks at what the flash would be refused for", async () => {
  const dry = ["flash", file("firmware.bin"), "--dry-run", "--expect-option"];
  const [wrong, right, unknown] = await Promise.all([
    dfu("1-1", ...dry, "nRST_STOP=0"),
    dfu("1-2", ...dry, "nRST_STOP=1"),
    dfu("1-3", ...dry, "NOPE=1"),
  ]);
  expect([wrong.code, wrong.last["code"]]).toEqual([1, "options.mismatch"]);
  expect([right.code, right.last["event"]]).toEqual([0, "planned"]);
  expect([unknown.code, unknown.last["code"]]).toEqual([2, "options.value"]);
});

test("of a start no more is said than was seen, and an expectation decides", async () => {
  const at = (busid: string, ...args: string[]) =>
    flashline(["dfu", ...args, "--usbip", sim.at(busid)]);
  const start = ["--leave", "--expect", "dfu-gone", "--within", "3"];
  const [fallen, refused, failed, gone] = await Promise.all([
    at("1-1", "flash", file("firmware.bin"), "--leave"),
    dfu("1-2", "flash", file("application.bin"), "--expect", "dfu-gone"),
    dfu("1-3", "flash", file("firmware.bin"), ...start),
    dfu("1-4", "flash", file("application.bin"), ...start),
  ]);
  expect(fallen.code).toBe(0);
  expect(fallen.stdout).toMatch(/PASS.*leave was sent, but the unit is in its bootloader again/);
  expect([refused.code, refused.last["code"]]).toEqual([2, "usage.argument"]);
  expect([failed.code, failed.last["code"]]).toEqual([1, "leave.bootloader"]);
  expect([gone.code, gone.last["outcome"]]).toEqual([0, "PASS"]);
  const alone = await at("1-1", "leave", "--address", "0x08000800");
  expect(alone.stdout).toMatch(/PASS {2}Leave was sent, but the unit is in its bootloader again/);
  expect(alone.stdout).not.toMatch(/started/);
});

test("a pipe is the standard output's, words go beside it", async () => {
  const read = ["read", "-", "--length", "64", "--usbip", sim.at("1-1")];
  const { code, stdout, stderr } = await flashline(["dfu", ...read]);
  expect([code, stderr]).toEqual([0, expect.stringContaining("PASS")]);
  expect(stdout).toBe(Buffer.from(image.subarray(0, 64)).toString());
  const both = await dfu("1-2", "read", "-", "--length", "64");
  expect(both.code).toBe(2);
  expect(await sim.stop()).toBe(0);
  const counters = [1, 2, 3, 4].map(
    (unit) => JSON.parse(readFileSync(file(`dump/unit-${unit}.json`), "utf8")).counters,
  );
  expect(counters).toMatchObject(
    Array(4).fill({ massErases: 0, readUnprotects: 0, optionWrites: 0 }),
  );
});
