import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeDfuse,
  encodeHex,
  encodeRaw,
  encodeSrec,
  type Image,
  parseImage,
} from "@flashline/dfu-core";
import { appendSuffix, encodeDfuseTargets, normaliseSegments } from "@flashline/dfu-core/image";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "flashline-image-"));
const path = (name: string) => join(folder, name);
const read = (name: string) => new Uint8Array(readFileSync(path(name)));
const put = (name: string, bytes: Uint8Array | string) => writeFileSync(path(name), bytes);
const tool = (name: string, ...words: string[]): string =>
  execFileSync(name, words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const objcopy = (...words: string[]) => tool("arm-none-eabi-objcopy", ...words);
const same = (got: Image, wanted: Image) => expect(got.segments).toEqual(wanted.segments);

/** Vectors, code over a 64 KiB boundary, a gap, initialised data that is stored in flash and runs in RAM, and .bss. */
const SOURCE = `
  .section .vectors, "a"
  .word 0x20005000
  .word reset + 1
  .text
  .thumb
  .global reset
reset:
  b reset
  .section .rodata
  .rept 20000
  .byte (. - .rodata) & 0xff, 0x55, 0xaa
  .endr
  .data
  .ascii "runs in RAM, stored in flash"
  .byte 1
  .section .far, "a"
  .ascii "calibration"
  .bss
  .space 4096
`;
const SCRIPT = `
ENTRY(reset)
PHDRS { flash PT_LOAD; data PT_LOAD; bss PT_LOAD; far PT_LOAD; }
SECTIONS {
  .vectors 0x08008000 : { *(.vectors) } :flash
  .text : { *(.text) *(.rodata) } :flash
  .data 0x20000000 : AT(LOADADDR(.text) + SIZEOF(.text)) { *(.data) } :data
  .bss (NOLOAD) : { *(.bss) } :bss
  .far 0x0803F801 : { *(.far) } :far
  /DISCARD/ : { *(.ARM.attributes) }
}
`;

let linked: Image;

beforeAll(() => {
  put("unit.s", SOURCE);
  put("unit.ld", SCRIPT);
  tool("arm-none-eabi-as", "-mcpu=cortex-m0", "unit.s", "-o", "unit.o");
  tool("arm-none-eabi-ld", "-n", "-T", "unit.ld", "unit.o", "-o", "unit.elf");
  linked = parseImage(read("unit.elf"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("binutils", () => {
  it("links an ELF file whose content is found where it is stored", () => {
    const bytes = 8 + 2 + 60_000 + 29;
    expect(linked).toMatchObject({ format: "elf", warnings: [] });
    expect(linked.segments.map(({ address, data }) => [address, data.length])).toEqual([
      [0x08008000, bytes + (linked.bytes - bytes - 11)],
      [0x0803f801, 11],
    ]);
    expect((linked.entry ?? 0) & ~1).toBe(0x08008008);
    expect(linked.bytes - bytes - 11).toBeLessThan(8);
  });

  it.each([
    ["hex", ["-O", "ihex"]],
    ["srec", ["-O", "srec"]],
    ["srec", ["-O", "srec", "--srec-forceS3", "--srec-len=40"]],
  ] as const)("writes a %s file (%s) with the same content", (format, words) => {
    objcopy(...words, "unit.elf", `unit.${format}`);
    const image = parseImage(read(`unit.${format}`));
    same(image, linked);
    expect(image).toMatchObject({ format, entry: linked.entry, warnings: [] });
  });

  it("writes a bin file that is our raw encoding, gap and all", () => {
    objcopy("-O", "binary", "--gap-fill", "0xff", "unit.elf", "unit.bin");
    expect(Buffer.from(encodeRaw(linked)).equals(read("unit.bin"))).toBe(true);
    const [first] = parseImage(read("unit.bin"), { address: 0x08008000 }).segments;
    expect(first?.data.length).toBe(0x0803f801 + 11 - 0x08008000);
  });

  it.each([
    ["ihex", encodeHex],
    ["srec", encodeSrec],
  ] as const)("reads our %s file and finds the same content", (target, encode) => {
    put("ours.txt", encode(linked));
    objcopy("-I", target, "-O", "binary", "--gap-fill", "0xff", "ours.txt", "ours.bin");
    expect(Buffer.from(encodeRaw(linked)).equals(read("ours.bin"))).toBe(true);
  });

  it("writes an ELF file from our hex file: sections without program headers are refused", () => {
    put("ours.hex", encodeHex(linked));
    objcopy("-I", "ihex", "-O", "elf32-littlearm", "ours.hex", "sections.elf");
    expect(() => parseImage(read("sections.elf"))).toThrow(/PT_LOAD|object file/);
  });
});

describe("dfuse-pack", () => {
  it("packs hex, S-records and binaries into files with the same content", () => {
    objcopy("-O", "ihex", "unit.elf", "pack.hex");
    objcopy("-O", "srec", "--srec-forceS3", "unit.elf", "pack.s19");
    tool("dfuse-pack", "-i", "pack.hex", "hex.dfu");
    tool("dfuse-pack", "-s", "pack.s19", "s19.dfu");
    put("boot.bin", Uint8Array.of(1, 2, 3));
    put("app.bin", new Uint8Array(500).fill(7));
    const words = ["-b", "0x08000000:boot.bin", "-b", "0x08004000:app.bin", "bins.dfu"];
    tool("dfuse-pack", "-D", "0x0483:0x0000", ...words);
    same(parseImage(read("hex.dfu")), linked);
    same(parseImage(read("s19.dfu")), linked);
    expect(
      parseImage(read("bins.dfu"), { deviceIds: { vendorId: 0x0483, productId: 0xdf11 } }),
    ).toMatchObject({
      segments: [
        { address: 0x08000000, data: Uint8Array.of(1, 2, 3) },
        { address: 0x08004000, data: new Uint8Array(500).fill(7) },
      ],
      target: { vendorId: 0x0483, productId: 0 },
    });
  });

  it("packs several alternates, of which the flash memory's is the image", () => {
    put("options.bin", new Uint8Array(16).fill(0xaa));
    tool("dfuse-pack", "-b", "0x1fffc000@1:options.bin", "-b", "0x08000000:boot.bin", "alts.dfu");
    const image = parseImage(read("alts.dfu"));
    expect(image).toMatchObject({ alternate: 0, bytes: 3, segments: [{ address: 0x08000000 }] });
    expect(image.warnings).toEqual([expect.stringMatching(/alternate 1 .*is not flashed/)]);
  });

  it("dumps every element of every target that we write", () => {
    const parts = [
      { address: 0x08000000, data: Uint8Array.of(1, 2, 3) },
      { address: 0x08010001, data: new Uint8Array(3338).fill(9) },
    ];
    put("two.dfu", encodeDfuseTargets([{ segments: parts }, { alternate: 1, segments: parts }]));
    const dump = tool("dfuse-pack", "-d", "two.dfu");
    expect(dump).toMatch(/targets: 2/);
    for (const target of [0, 1]) {
      parts.forEach(({ data }, index) => {
        const name = `two.dfu.target${target}.image${index}.bin`;
        expect(Buffer.from(data).equals(read(name))).toBe(true);
      });
    }
    expect(dump).toMatch(/usb: 0483:df11, device: 0xffff, dfu: 0x011a/i);
  });
});

describe("dfu-suffix", () => {
  it("adds a suffix that is checked and taken off, and accepts ours", () => {
    put("plain.bin", encodeRaw(linked));
    tool("dfu-suffix", "-v", "0483", "-p", "df11", "-d", "0200", "-S", "0x0100", "-a", "plain.bin");
    const image = parseImage(read("plain.bin"), { address: 0x08008000 });
    expect(image.target).toEqual({ vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0x0200 });
    expect(Buffer.from(image.segments[0]?.data ?? []).equals(encodeRaw(linked))).toBe(true);
    const damaged = read("plain.bin");
    damaged[5] = (damaged[5] ?? 0) ^ 1;
    expect(() => parseImage(damaged)).toThrow(expect.objectContaining({ code: "image.crc" }));

    const ids = { vendorId: 0x1234, productId: 0xabcd, bcdDevice: 0xffff };
    put("ours.bin", appendSuffix(Uint8Array.of(1, 2, 3), ids, 0x0100));
    put("ours.dfu", encodeDfuse(normaliseSegments(linked.segments), { vendorId: 0x1234 }));
    expect(tool("dfu-suffix", "-c", "ours.bin")).toMatch(/Vendor ID:\s+0x1234/);
    expect(tool("dfu-suffix", "-c", "ours.dfu")).toMatch(/BCD DFU:\s+0x011A/i);
  });
});
