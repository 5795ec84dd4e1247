import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendSuffix, encodeHex, encodeSrec, parseImage, recogniseFile } from "./index.ts";

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const join = (...parts: readonly (Uint8Array | readonly number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** Stack pointer, reset vector, and bytes of every value behind them: raw firmware. */
const VECTORS = [0x00, 0x00, 0x01, 0x20, 0x01, 0x01, 0x00, 0x08];
const FIRMWARE = join(
  VECTORS,
  Uint8Array.from({ length: 504 }, (_, at) => (at * 7 + 3) & 0xff),
);
const segments = [{ address: 0x0800_0000, data: FIRMWARE }];
const HEX = encodeHex({ segments });
const SREC = encodeSrec({ segments });
const PAGE = `<!DOCTYPE html>\n<html lang="en">\n<body>fw.hex \xc2\xb7 \xc2\xa9</body></html>\n`;
const utf16 = (bytes: Uint8Array) => Uint8Array.from([...bytes].flatMap((byte) => [byte, 0]));
const oneLine = text(String.fromCharCode(...HEX).replaceAll("\n", ""));
const padded = (start: readonly number[] | Uint8Array) =>
  join(start, new Uint8Array(64).fill(0x81));
const tar = new Uint8Array(1024);
tar.set(text("fw.bin"));
tar.set(text("ustar"), 257);

/** Wrong files: what each is, and what its refusal must name. */
const WRONG: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  html: [text(PAGE), /a web page/],
  xml: [text('<?xml version="1.0"?>\n<flash/>'), /XML/],
  json: [text('{\n  "message": "Not Found"\n}'), /JSON/],
  lfs: [
    text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1234\n"),
    /Git LFS/,
  ],
  script: [text("#!/bin/sh\nexit 0\n"), /a script/],
  answer: [text("HTTP/1.1 404 Not Found\r\n\r\n"), /server's answer/],
  notes: [text("Release 1.2\n - the fan starts again\n"), /text/],
  zip: [padded([...text("PK\x03\x04"), 20, 0]), /ZIP/],
  "damaged zip": [
    join([0, 1, 0x99, 3], FIRMWARE.subarray(8), text("PK\x05\x06"), new Uint8Array(18)),
    /ZIP/,
  ],
  gzip: [padded([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), /gzip/],
  xz: [padded([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /xz/],
  bzip2: [padded([...text("BZh9"), 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]), /bzip2/],
  zstd: [padded([0x28, 0xb5, 0x2f, 0xfd]), /zstd/],
  "7z": [padded([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), /7z/],
  rar: [padded(text("Rar!\x1a\x07\x01\0")), /RAR/],
  tar: [tar, /tar/],
  ar: [padded(text("!<arch>\n")), /ar \(/],
  uf2: [padded(text("UF2\nWQ]\x9e\0 \0\0")), /UF2/],
  pdf: [padded(text("%PDF-1.7\n%\xe2\xe3")), /PDF/],
  png: [padded([0x89, ...text("PNG\r\n\x1a\n")]), /picture/],
  jpeg: [padded([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /picture/],
  gif: [padded(text("GIF89a")), /picture/],
  pe: [join(text("MZ"), new Uint8Array(58), [64, 0, 0, 0], text("PE\0\0"), [0x4c, 1]), /Windows/],
  macho: [padded([0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]), /Mach-O/],
  "hex with a byte-order mark": [join([0xef, 0xbb, 0xbf], HEX), /Intel HEX text in UTF-8 with a/],
  "hex in UTF-16": [join([0xff, 0xfe], utf16(HEX)), /Intel HEX text in UTF-16/],
  "hex in UTF-16 without a mark": [utf16(HEX), /Intel HEX text in UTF-16/],
  "srec in UTF-16": [join([0xff, 0xfe], utf16(SREC)), /S-record text in UTF-16/],
  "coloured hex": [
    text("\x1b[0;33m:\x1b[0m020000040800F2\n:00000001FF\n"),
    /Intel HEX text with a terminal's colour/,
  ],
  "hex on one line": [oneLine, /all on one line/],
  "hex behind a long header": [join(text("; built by CI\n".repeat(400)), HEX), /text/],
  "hex whose first line is not ASCII": [
    join(text("f\xfcr\n"), HEX),
    /Intel HEX text that is damaged/,
  ],
};
const kinds = Object.keys(WRONG);
const NAMES = [
  "fw.bin",
  "fw.img",
  "fw",
  "app-1.4.0",
  "fw.hex",
  "fw.srec",
  "fw.dfu",
  "fw.elf",
  "fw.dat",
];

/** What becomes of a file: recognised as firmware, or the code of its refusal. */
function fateOf(bytes: Uint8Array, name: string): string {
  try {
    parseImage(bytes, { name });
    return "read";
  } catch (error) {
    return String(Object(error).code);
  }
}

describe("a file of another kind", () => {
  it.each(kinds)("is refused under every name, and named: %s", (kind) => {
    const [bytes, named] = WRONG[kind] ?? [text(""), /./];
    for (const name of NAMES) {
      expect(() => parseImage(bytes, { name })).toThrow(
        expect.objectContaining({
          code: "image.not_firmware",
          message: expect.stringMatching(named),
        }),
      );
    }
    expect(fateOf(appendSuffix(bytes, { vendorId: 0, productId: 0, bcdDevice: 0 }), "fw.dfu")).toBe(
      "image.not_firmware",
    );
    expect(parseImage(bytes, { name: "fw.hex", format: "raw" })).toMatchObject({
      format: "raw",
      bytes: bytes.length,
    });
  });

  it("that is damaged anywhere behind its mark is never read as firmware", () => {
    /** Where the mark ends; 12 bytes hold that of the others. */
    const marks: Readonly<Record<string, number>> = { pe: 70, tar: 512 };
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(...NAMES),
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
          maxLength: 3,
        }),
        (kind, name, damage) => {
          const [whole] = WRONG[kind] ?? [text("")];
          const bytes = whole.slice();
          const from = marks[kind] ?? 12;
          for (const [place, value] of damage) {
            bytes[from + Math.floor(place * (bytes.length - from))] = value;
          }
          // The end record is all that is left of this one.
          if (kind === "damaged zip") bytes.set(whole.subarray(-22), whole.length - 22);
          expect(fateOf(bytes, name)).not.toBe("read");
        },
      ),
      // Between two letters of UTF-16 stands a zero. Here one of these zeros is damaged.
      { numRuns: 2000, examples: [["hex in UTF-16 without a mark", "fw.bin", [[0.00175, 1]]]] },
    );
  });
});

describe("records with damage at any place", () => {
  it("are refused or give their own content, under every name", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(HEX, SREC),
        fc.constantFrom(...NAMES),
        fc.array(fc.tuple(fc.nat(HEX.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (file, name, damage) => {
          const bytes = file.slice();
          for (const [at, value] of damage) bytes[at % bytes.length] = value;
          try {
            expect(parseImage(bytes, { name }).format).not.toBe("raw");
          } catch (error) {
            expect(String(Object(error).code)).toMatch(/^image\./);
          }
        },
      ),
    );
  });
});

describe("raw firmware", () => {
  const zip = WRONG["zip"]?.[0] ?? text("");
  const page = text(PAGE);
  it.each([
    ["of eight bytes", Uint8Array.from(VECTORS)],
    ["with a web page inside", join(VECTORS, page, page)],
    [
      "with an archive inside and at its end",
      join(VECTORS, zip, text("PK\x05\x06"), new Uint8Array(18)),
    ],
    ["with HEX records inside", join(VECTORS, [10], HEX)],
    [
      "with tar's mark at its place",
      join(VECTORS, new Uint8Array(249), text("ustar"), new Uint8Array(512)),
    ],
    ["that is blank", new Uint8Array(4096).fill(0xff)],
    ["that is all 0", new Uint8Array(4096)],
    ["of two bytes", Uint8Array.of(1, 2)],
    ["without a vector table", FIRMWARE.subarray(9)],
  ])("%s is raw under a name that allows it, and under no other", (_, bytes) => {
    for (const name of ["fw.bin", "FW.BIN", "fw.img", "out/fw.raw", "fw", "app-1.4.0", ""]) {
      expect(recogniseFile(bytes, name)).toMatchObject({ kind: "firmware", format: "raw" });
    }
    for (const name of ["fw.hex", "fw.ihex", "fw.s19", "fw.mot", "fw.dfu", "fw.axf", "fw.dat"]) {
      expect(fateOf(bytes, name)).toBe("image.not_firmware");
    }
  });

  it("that begins with a vector table is raw whatever follows", () => {
    const stack = fc.integer({ min: 0x2000_0004 >> 2, max: 0x2008_0000 >> 2 }).map((at) => at * 4);
    const reset = fc.integer({ min: 0, max: 0xfffff }).map((at) => 0x0800_0000 + (at | 1));
    fc.assert(
      fc.property(
        stack,
        reset,
        fc.constantFrom(...kinds),
        fc.uint8Array(),
        (sp, pc, kind, tail) => {
          const head = new Uint8Array(8);
          new DataView(head.buffer).setUint32(0, sp, true);
          new DataView(head.buffer).setUint32(4, pc, true);
          const bytes = join(head, WRONG[kind]?.[0] ?? [], tail);
          expect(fateOf(bytes, "fw.bin")).toBe("read");
        },
      ),
    );
  });

  it("in a DFU file with a suffix is read under any name", () => {
    const file = appendSuffix(FIRMWARE, { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0 });
    expect(parseImage(file, { name: "fw.dfu" })).toMatchObject({ format: "raw", bytes: 512 });
  });
});

it("content of another format than the name promises is read as what it is, with a note", () => {
  expect(parseImage(SREC, { name: "fw.hex" })).toMatchObject({
    format: "srec",
    warnings: ["the name ends in .hex, the content is S-record and is read as that"],
  });
  expect(parseImage(HEX, { name: "fw.hex" }).warnings).toEqual([]);
  expect(parseImage(HEX, { name: "fw.txt" }).warnings).toEqual([]);
});
