import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeHex } from "@flashline/dfu-core/image";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flashline, type Simulator, startSimulator } from "./support/command.ts";

/** A HEX file with an .eeprom section: real processes against a real `flashline sim` of a chip with data EEPROM, and of one without. */
let folder: string;
let l072: Simulator;
let file: string;
const EEPROM = 0x0808_0000;
const FIRMWARE = Uint8Array.from({ length: 1000 }, (_, at) => (at * 29 + (at >> 5)) & 0xff);
const DATA = Buffer.from("odd-sized EEPROM");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flashline-eeprom-"));
  file = join(folder, "unit.hex");
  const segments = [
    { address: 0x0800_0000, data: FIRMWARE },
    { address: EEPROM + 5, data: DATA },
  ];
  writeFileSync(file, encodeHex({ segments }));
  l072 = await startSimulator(["--chip", "l072"]);
});
afterAll(async () => {
  await l072.stop();
  rmSync(folder, { recursive: true, force: true });
});

const dfu = (...args: string[]) => flashline(["dfu", ...args, "--usbip", l072.at("1-1")]);

test("its EEPROM is planned, written, read and compared, and erased by nothing", async () => {
  const planned = await dfu("flash", file, "--dry-run");
  expect(planned.stdout).toMatch(/Data EEPROM, written after the flash.*\n +0x08080005 +16 bytes/);
  const flashed = await dfu("flash", file, "--json");
  expect(flashed.last).toMatchObject({ outcome: "PASS", bytes: 1016 });
  expect((await dfu("verify", file, "--json")).last["outcome"]).toBe("PASS");
  expect((await dfu("info")).stdout).toMatch(/0x08080000 {2}DATA Memory: 2 × 3 KiB, EEPROM/);
  const erased = await dfu("erase", "--address", "0x08080000", "--length", "4", "--json");
  expect(erased.last).toMatchObject({ event: "refused", code: "usage.range" });
  const back = join(folder, "back.bin");
  expect((await dfu("read", back, "--address", "0x08080000")).code).toBe(0);
  const held = readFileSync(back);
  expect(held.length).toBe(6144);
  expect(held.subarray(5, 21)).toEqual(DATA);
  expect([...held.subarray(0, 5), ...held.subarray(21)].every((byte) => byte === 0)).toBe(true);
});

test("a chip without EEPROM refuses it and says how to go on; inspect shows it where the class has it", async () => {
  const f072 = await startSimulator(["--chip", "f072"]);
  try {
    const at = ["--usbip", f072.at("1-1")];
    const refused = await flashline(["dfu", "flash", file, ...at]);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toMatch(/FAIL {2}image\.does_not_fit at 0x08080005/);
    expect(refused.stdout).toMatch(/the unit has 0x08000000 to 0x0801ffff \(Internal Flash\)/);
    expect(refused.stdout).toMatch(/--skip FROM-TO/);
    const part = ["--skip", "0x08080000-0x080817ff", "--json"];
    const flashed = await flashline(["dfu", "flash", file, ...part, ...at]);
    expect(flashed.last["outcome"]).toBe("PASS");
  } finally {
    await f072.stop();
  }
  const inspect = (chip: string) => flashline(["image", "inspect", file, "--chip", chip]);
  expect((await inspect("L072")).stdout).toMatch(/Data EEPROM.*16 bytes of 6 KiB/);
  expect((await inspect("F072")).stdout).toMatch(/16 bytes of the image lie outside the flash/);
});
