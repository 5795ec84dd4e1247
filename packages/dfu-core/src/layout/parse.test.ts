import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import { layoutSize } from "./memory.ts";
import { formatMemoryLayout, parseMemoryLayout } from "./parse.ts";

/** Verbatim from ROMs and clones: string, bytes in all zones, letters in order. */
const VECTORS: readonly (readonly [string, number, string])[] = [
  // A run of no sectors, as a board's own bootloader lists it for its external flash.
  ["@External Flash /0x90000000/111*8Kg,16*8Kg,1*8Kg,128*8Kg,0*8Ka", 2097152, "gggg"],
  ["@Internal Flash  /0x08000000/128*002Kg", 262144, "g"],
  ["@Option Bytes  /0x1FFFF800/01*016 g", 16, "g"],
  ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", 1048576, "ggg"],
  ["@Option Bytes  /0x1FFFC000/01*016 g", 16, "g"],
  ["@OTP Memory /0x1FFF7800/01*512 g,01*016 g", 528, "gg"],
  ["@Device Feature/0xFFFF0000/01*004 g", 4, "g"],
  ["@Device Feature/0xFFFF0000/01*004 e", 4, "e"],
  ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg", 524288, "ggg"],
  [
    "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
    2097152,
    "gggggg",
  ],
  ["@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e", 32, "ee"],
  ["@OTP Memory /0x1FFF7800/01*512 e,01*016 e/0x1FFE7800/01*512 e,01*016 e", 1056, "eeee"],
  ["@Internal Flash  /0x08000000/032*0001Kg", 32768, "g"],
  ["@Option Bytes  /0x1FFFF800/01*016 e", 16, "e"],
  ["@Internal Flash  /0x08000000/064*0002Kg", 131072, "g"],
  ["@Internal Flash  /0x08000000/128*0002Kg", 262144, "g"],
  ["@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg", 524288, "ggg"],
  ["@Option Bytes  /0x1FFF0000/01*048 e", 48, "e"],
  ["@OTP Memory /0x1FF07800/01*528e", 528, "e"],
  ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg", 1048576, "ggg"],
  ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", 2097152, "ggg"],
  ["@Internal Flash  /0x08000000/1536*128g", 196608, "g"],
  ["@Option Bytes  /0x1FF80000/01*032 e", 32, "e"],
  ["@DATA Memory /0x08080000/2*3Ke", 6144, "e"],
  ["@Internal Flash  /0x08000000/1024*256 g", 262144, "g"],
  ["@DATA Memory /0x08080000/02*004Ke", 8192, "e"],
  ["@Internal Flash  /0x08000000/0256*0002Kg", 524288, "g"],
  ["@Option Bytes  /0x1FFF7800/01*040 e", 40, "e"],
  ["@OTP Memory /0x1FFF7000/01*0001Ke", 1024, "e"],
  ["@Internal Flash  /0x08000000/512*0004Kg", 2097152, "g"],
  ["@Option Bytes  /0x1FF00000/01*040 e/0x1FF01000/01*040 e", 80, "ee"],
  ["@Internal Flash   /0x08000000/256*02Kg", 524288, "g"],
  ["@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e", 96, "ee"],
  ["@OTP Memory   /0x1FFF7000/01*1024 e", 1024, "e"],
  ["@Internal Flash   /0x08000000/64*02Kg", 131072, "g"],
  ["@Option Bytes   /0x1FFF7800/01*40Be", 40, "e"],
  ["@OTP Memory   /0x1FFF7000/01*01Ke", 1024, "e"],
  ["@Internal Flash   /0x08000000/16*128Kg", 2097152, "g"],
  ["@Option Bytes   /0x5200201C/01*128 e", 128, "e"],
  ["@Internal Flash   /0x08000000/8*128Kg", 1048576, "g"],
  ["@Option Bytes   /0x5200201C/01*88 e", 88, "e"],
  ["@Internal Flash   /0x08000000/256*08Kg", 2097152, "g"],
  ["@Option Bytes   /0x5200201C/01*297 e", 297, "e"],
  ["@OTP Memory   /0x08FFF000/01*1024 e", 1024, "e"],
  ["@Internal Flash   /0x08000000/01*128Kg", 131072, "g"],
  ["@Option Bytes   /0x40022040/01*64 e", 64, "e"],
  ["@OTP Memory   /0x0BFA0000/01*512 e", 512, "e"],
  ["@Internal Flash   /0x08000000/512*08Kg", 4194304, "g"],
  ["@Internal Flash /0x08000000/256*02Kg", 524288, "g"],
  ["@Internal Flash  /0x08000000/512*002Kg", 1048576, "g"],
  ["@Internal Flash  /0x08000000/12*001Ka,116*001Kg", 131072, "ag"],
  ["@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg", 8388608, "gg"],
  ["@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg", 8126464, "ggg"],
  ["@Internal Flash   /0x08000000/08*04Ka,1000*04Kg", 4128768, "ag"],
  ["@Option byte   /0x1FFFC000/01*4096 g", 4096, "g"],
  ["@Internal Flash   /0x00000000/16*004Ka,096*04Kg", 458752, "ag"],
  ["@Internal Flash    /0x08000000/128*02Kg", 262144, "g"],
  ["@OB Bytes          /0x40022020/01*136 e", 136, "e"],
  ["@ENGI Bytes        /0x1FFF6C00/01*1024.e", 1024, "e"],
  ["@Internal Flash   /0x08000000/128*08Kg", 1048576, "g"],
  ["@Internal Flash   /0x08000000/256*04Kg", 1048576, "g"],
  ["@External Flash /0x90000000/998*128Kg,1*128Kg,4*128Kg,21*128Ka", 134217728, "ggga"],
];

describe("parseMemoryLayout", () => {
  it.each(VECTORS)("reads %s", (text, bytes, letters) => {
    const layout = parseMemoryLayout(text);
    expect(layoutSize(layout)).toBe(bytes);
    const parts = layout.zones.flatMap((zone) => zone.sectors);
    expect(
      parts.map((part) =>
        String.fromCharCode(
          0x60 | (part.readable ? 1 : 0) | (part.erasable ? 2 : 0) | (part.writable ? 4 : 0),
        ),
      ),
    ).toEqual([...letters]);
    expect(parseMemoryLayout(formatMemoryLayout(layout))).toEqual(layout);
  });

  it("reads what came of a string that ends behind a comma, and nothing else that was cut", () => {
    const cut = "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,";
    expect(layoutSize(parseMemoryLayout(cut))).toBe(1048576);
    for (const text of [
      "@Flash /0x08000000/,",
      "@Flash /0x08000000/,4*1Kg",
      `${cut},`,
      `${cut}04*0`,
    ]) {
      expect(() => parseMemoryLayout(text)).toThrow(
        expect.objectContaining({ code: "device.layout" }),
      );
    }
  });

  it("keeps the gap between zones and trims the name", () => {
    const layout = parseMemoryLayout("@Flash /0x90000000/64*4Kg/0x90400000/60*64Kg");
    expect(layout.name).toBe("Flash");
    expect(layout.zones.map((zone) => zone.address)).toEqual([0x90000000, 0x90400000]);
  });

  it.each([
    "@Internal Flash   /0x08000000/???*08Kg",
    "",
    "@Internal Flash",
    "@Internal Flash /0x08000000/",
    "@Internal Flash /08000000/4*1Kg",
    "@Internal Flash /0x08000000/4*1Kz",
    "@Internal Flash /0x08000000/4*1K",
    "@Internal Flash /0x08000000/0*1Kg",
    "@Internal Flash /0xFFFF0000/99*64Kg",
    "@Internal Flash /0x08000000/4*1Kg/0x09000000",
  ])("refuses %j", (text) => {
    expect(() => parseMemoryLayout(text)).toThrow(
      expect.objectContaining({ code: "device.layout" }),
    );
  });

  it("gives a layout or device.layout for any string", () => {
    const piece = fc.constantFrom(
      "@",
      "/",
      "0x",
      "08000000",
      "*",
      ",",
      "K",
      "g",
      " ",
      "16",
      "?",
      "M",
      "B",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((parts) => `@${parts.join("")}`),
        ),
        (text) => {
          try {
            const layout = parseMemoryLayout(text);
            expect(parseMemoryLayout(formatMemoryLayout(layout))).toEqual(layout);
          } catch (error) {
            expect(error).toBeInstanceOf(DfuError);
          }
        },
      ),
    );
  });
});
