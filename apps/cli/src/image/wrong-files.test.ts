import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { appendSuffix, encodeDfuse, encodeHex } from "@flashline/dfu-core/image";
import { formatSecretKey, generateKeyPair } from "@flashline/signing";
import { createSimulator, type Simulator } from "@flashline/virtual-stm32";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../testing.ts";

/** Files that people flash by mistake, through every command that takes one: against a virtual unit that has a bootloader. */
const folder = mkdtempSync(join(tmpdir(), "flashline-wrong-files-"));
const path = (name: string) => join(folder, name);
const flashline = (...words: string[]) => runCommand(words, { XDG_STATE_HOME: folder });
const FLASH = 0x0800_0000;
const BOOTLOADER = Buffer.from("the resident bootloader");
let sim: Simulator;

beforeAll(() => {
  writeFileSync(path("team.key"), formatSecretKey(generateKeyPair().secretKey));
});
beforeEach(async () => {
  sim = await createSimulator({ chip: "f407", units: 1, usbipPort: 0 });
  sim.units[0]?.flash.load(FLASH, BOOTLOADER);
  return () => sim.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const flashed = (address: number, length: number) =>
  Buffer.from(sim.units[0]?.flash.read(address, length).data ?? []);
const expectUntouched = () => {
  expect(flashed(FLASH, BOOTLOADER.length)).toEqual(BOOTLOADER);
  expect(flashed(FLASH + BOOTLOADER.length, 64)).toEqual(Buffer.alloc(64, 0xff));
};
const flash = (name: string, ...words: string[]) =>
  flashline("dfu", "flash", path(name), "--usbip", `127.0.0.1:${sim.ports.usbip}/1-1`, ...words);

let signed = 0;
async function sign(name: string, ...words: string[]) {
  signed += 1;
  const out = path(`manifest-${signed}.json`);
  const run = await flashline(
    ...["release", "sign", path(name), "--product", "U2C", "--chip", "STM32F407"],
    ...["--version", "1.0.0", "--counter", "1", "--key", path("team.key"), "--out", out, ...words],
  );
  const made = [out, `${out}.minisig`].filter((file) => existsSync(file)).length;
  expect(made).toBe(run.exit === 0 ? 2 : 0);
  return run;
}

/** Stack, reset vector behind the table, and bytes of every value. */
function firmware(at = FLASH, length = 0x200): Buffer {
  const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 7 + 3) & 0xff));
  bytes.writeUInt32LE(0x2001_0000, 0);
  bytes.writeUInt32LE(at + 0x101, 4);
  return bytes;
}
const hexOf = (...parts: readonly (readonly [number, Uint8Array])[]) =>
  Buffer.from(encodeHex({ segments: parts.map(([address, data]) => ({ address, data })) }));

const APP = firmware();
const HEX = hexOf([FLASH, APP]);
const PAGE = "<!DOCTYPE html>\n<html><head><title>fw.hex \u00b7 files</title></head></html>\n";
const uf2 = Buffer.alloc(512);
uf2.write("UF2\nWQ]\x9e\0 \0\0", 0, "latin1");
uf2.writeUInt32LE(0x0ab1_6f30, 508);
const elf = readFileSync(new URL("../../../../test/vectors/unit.elf", import.meta.url));

describe("a file that is no firmware is refused by every command, for what it is", () => {
  it.each<readonly [string, Uint8Array, RegExp, boolean]>([
    ["page.hex", Buffer.from(PAGE), /a web page/, false],
    ["page.bin", Buffer.from(PAGE), /a web page/, false],
    [
      "fw.zip",
      Buffer.concat([Buffer.from("PK\x03\x04\x14\0", "latin1"), APP]),
      /ZIP.*Unpack it/,
      false,
    ],
    [
      "zip.bin",
      Buffer.concat([Buffer.from("PK\x03\x04\x14\0", "latin1"), APP]),
      /ZIP.*Unpack it/,
      false,
    ],
    ["packed.bin", gzipSync(APP), /gzip.*Unpack it/, false],
    ["packed", gzipSync(HEX), /gzip.*Unpack it/, false],
    ["one-block.uf2", uf2, /UF2/, false],
    ["utf16.hex", Buffer.from(`\ufeff${HEX}`, "utf16le"), /Intel HEX text in UTF-16/, false],
    ["coloured.hex", Buffer.from(`\x1b[0;33m:\x1b[0m${String(HEX).slice(1)}`), /colour/, false],
    ["raw.hex", APP, /promises Intel HEX/, true],
    ["raw.elf", Buffer.alloc(300, 0xff), /promises ELF/, true],
    ["raw.rom", APP, /no reader knows/, true],
  ])("%s", async (name, bytes, named, rawIsProposed) => {
    writeFileSync(path(name), bytes);
    for (const run of [
      await flashline("image", "inspect", path(name)),
      await flashline("image", "convert", path(name), path("out.dfu")),
      await flash(name),
      await sign(name),
    ]) {
      expect(run).toMatchObject({ out: "", exit: 2 });
      expect(run.error.replaceAll("\n", " ")).toMatch(named);
      expect(run.error).toMatch(/image\.not_firmware/);
      expect(run.error.includes("--format raw")).toBe(rawIsProposed);
    }
    expect(existsSync(path("out.dfu"))).toBe(false);
    expectUntouched();
  });
});

it("a file for another device is neither flashed nor signed", async () => {
  writeFileSync(
    path("other.dfu"),
    appendSuffix(APP, { vendorId: 0x1209, productId: 1, bcdDevice: 0 }),
  );
  const run = await flash("other.dfu");
  expect(run.exit).toBe(2);
  expect(run.out + run.error).toMatch(/1209:0001[\s\S]*image convert FILE OUTPUT --device/);
  expect((await sign("other.dfu")).error).toMatch(/1209:0001[\s\S]*image\.wrong_device/);
  expectUntouched();
});

it.each([
  ["eeprom.hex", 0x0808_0000 + 0x10_0000],
  ["optbytes.hex", 0x1fff_c000],
  ["raminit.hex", 0x2000_0000],
])("%s: what is beside the flash is neither flashed nor signed", async (name, address) => {
  writeFileSync(path(name), hexOf([FLASH, APP], [address, Buffer.alloc(8, 1)]));
  const run = await flash(name);
  expect(run.exit).toBe(2);
  for (const words of [["--dry-run"], ["--dirty"]])
    expect((await flash(name, ...words)).exit).toBe(2);
  const at = `127.0.0.1:${sim.ports.usbip}/1-1`;
  expect((await flashline("dfu", "verify", path(name), "--usbip", at)).exit).toBe(2);
  expect(run.out).toMatch(/image\.(does_not_fit|read_only)[\s\S]*--skip FROM-TO/);
  const refused = await sign(name);
  expect(refused.error).toMatch(/image convert FILE OUTPUT --only[\s\S]*image\.does_not_fit/);
  expectUntouched();
});

it("an image at the boot alias is flashed where it belongs, and signed only there", async () => {
  writeFileSync(path("base0.hex"), hexOf([0, APP]));
  expect((await flash("base0.hex")).exit).toBe(0);
  expect(flashed(FLASH, APP.length)).toEqual(APP);
  expect((await sign("base0.hex")).error).toMatch(/boot alias[\s\S]*0x08000000[\s\S]*--rebase/);
  expect(
    (
      await flashline(
        "image",
        "convert",
        path("base0.hex"),
        path("moved.hex"),
        "--rebase",
        "0x08000000",
      )
    ).exit,
  ).toBe(0);
  expect((await sign("moved.hex")).exit).toBe(0);
});

it("an ELF file whose segment covers its headers leaves the bootloader below it alone", async () => {
  const tool = (name: string, ...words: readonly string[]) =>
    execFileSync(name, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  writeFileSync(
    path("app.s"),
    `.word 0x20010000\n.word 0x08008011\n${".word 0x01020304\n".repeat(60)}`,
  );
  tool("arm-none-eabi-as", "-mcpu=cortex-m4", "app.s", "-o", "app.o");
  writeFileSync(
    path("app.ld"),
    "PHDRS { all PT_LOAD FILEHDR PHDRS; } SECTIONS { .text 0x08008000 : { *(.text) } :all }",
  );
  tool("arm-none-eabi-ld", "-T", "app.ld", "-e", "0x08008011", "app.o", "-o", "app.elf");
  tool("arm-none-eabi-objcopy", "-O", "binary", "app.elf", "app.raw");
  const file = readFileSync(path("app.elf"));
  // The program header: PT_LOAD, from file offset 0.
  expect([file.readUInt32LE(52), file.readUInt32LE(56)]).toEqual([1, 0]);
  expect((await flash("app.elf")).exit).toBe(0);
  const content = readFileSync(path("app.raw"));
  expect(flashed(0x0800_8000, content.length)).toEqual(content);
  expectUntouched();
});

it("data below the vector table: --leave starts the application, a release needs the table's address", async () => {
  writeFileSync(
    path("config.hex"),
    hexOf([FLASH, Buffer.from("CONFCONFCONF")], [FLASH + 0x1_0000, firmware(FLASH + 0x1_0000)]),
  );
  expect((await flash("config.hex", "--leave")).exit).toBe(0);
  expect(sim.units[0]?.mode).toBe("application");
  expect((await sign("config.hex")).error).toMatch(/0x08010000[\s\S]*--vector-table/);
  expect((await sign("config.hex", "--vector-table", "0x08010000")).exit).toBe(0);
});

describe("what is firmware is not refused", () => {
  const entropy = Buffer.from(
    Array.from({ length: 4096 }, (_, at) => (Math.imul(at + 1, 0x9e37_79b1) >>> 13) & 0xff),
  );
  const behind = (head: Uint8Array) => Buffer.concat([head, APP]);
  it.each<readonly [string, Uint8Array]>([
    ["erased.bin", behind(Buffer.alloc(512, 0xff))],
    ["zeros.bin", behind(Buffer.alloc(512))],
    ["mcuboot.bin", behind(Buffer.concat([Buffer.from("3db8f396", "hex"), Buffer.alloc(508)]))],
    ["encrypted.bin", entropy],
    ["no-ending", APP],
    ["app-1.4.0", entropy],
  ])("%s is flashed as it is", async (name, bytes) => {
    writeFileSync(path(name), bytes);
    expect((await flash(name)).exit).toBe(0);
    expect(flashed(FLASH, bytes.length)).toEqual(Buffer.from(bytes));
  });

  it.each<readonly [string, Uint8Array, string]>([
    ["hex.bin", HEX, "Intel HEX"],
    ["elf.bin", elf, "ELF"],
    ["dfuse.bin", encodeDfuse([{ address: FLASH, data: APP }]), "DfuSe"],
  ])("%s is read as what it is, and said to be", async (name, bytes, format) => {
    writeFileSync(path(name), bytes);
    const { out, error, exit } = await flash(name, "--dry-run");
    expect(exit).toBe(0);
    expect((out + error).replace(/\s+/g, " ")).toContain(
      `the content is ${format} and is read as that`,
    );
    expectUntouched();
  });
});

it("image merge takes the one file that is no firmware as raw where a person says so", async () => {
  writeFileSync(path("app.hex"), HEX);
  writeFileSync(path("table.dat"), Buffer.alloc(16, 0x5a));
  const merge = (...words: string[]) =>
    flashline(
      "image",
      "merge",
      path("app.hex"),
      path("table.dat"),
      "-o",
      path("unit.hex"),
      ...words,
    );
  const refused = await merge("--address", "0x08004000");
  expect(refused.error).toMatch(/--format raw/);
  expect(existsSync(path("unit.hex"))).toBe(false);
  expect((await merge("--address", "0x08004000", "--format", "raw")).exit).toBe(0);
  expect(readFileSync(path("unit.hex"), "utf8")).toMatch(/5A5A5A5A5A5A5A5A/i);
});
