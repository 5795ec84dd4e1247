import { describe, expect, it } from "vitest";
import { kindBySignature } from "./signatures.ts";

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const little = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
/** Bytes at places in a file of zeros. */
function file(length: number, ...parts: readonly (readonly [number, readonly number[]])[]) {
  const bytes = new Uint8Array(length);
  for (const [at, part] of parts) bytes.set(part, at);
  return bytes;
}

/** A tar header as it was before ustar: a name, and the sum of its bytes in octal. */
function oldTar(sum: (own: number) => number): Uint8Array {
  const header = file(1024, [0, ascii("firmware.bin")], [148, ascii("        ")]);
  const own = header.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  header.set(ascii(`${sum(own).toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

const LZMA = [0x5d, ...little(1 << 20)];
const ICON = [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, ...little(40), ...little(22)];
const BITMAP = [...ascii("BM"), ...little(200), ...little(0), ...little(54), ...little(40)];

describe("a file that says what it is by its bytes", () => {
  it.each<[string, Uint8Array]>([
    ["a ZIP archive", file(64, [0, ascii("PK\x03\x04")])],
    ["a ZIP archive", file(64, [0, ascii("PK\x05\x06")])],
    ["a ZIP archive", file(64, [0, ascii("PK\x07\x08")])],
    ["a ZIP archive", file(64, [42, ascii("PK\x05\x06")])],
    ["a gzip file", file(20, [0, [0x1f, 0x8b, 8]])],
    ["a file of compress", file(64, [0, [0x1f, 0x9d, 0x90]])],
    ["an LZMA file", file(64, [0, [...LZMA, ...little(0xffff_ffff), ...little(0xffff_ffff)]])],
    ["an LZMA file", file(64, [0, [...LZMA, ...little(1000), ...little(0)]])],
    ["a tar archive", file(1024, [0, ascii("a")], [257, ascii("ustar")])],
    ["a tar archive", oldTar((own) => own)],
    ["a bzip2 file", file(64, [0, ascii("BZh9")], [4, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]])],
    ["a bzip2 file", file(64, [0, ascii("BZh9")], [4, [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]])],
    ["an LHA archive", file(64, [2, ascii("-lh5-")])],
    ["a UF2 file", file(512, [0, ascii("UF2\n")])],
    ["a UF2 file", file(512, [4, [0x57, 0x51, 0x5d, 0x9e]])],
    ["a picture", file(64, [0, [0xff, 0xd8, 0xff, 0xe0]])],
    ["a picture", file(200, [0, BITMAP])],
    ["a picture", file(62, [0, ICON])],
    ["a picture", file(62, [0, [0, 0, 2, ...ICON.slice(3)]])],
    ["a picture", file(64, [0, ascii("RIFF")], [8, ascii("WEBP")])],
    ["a sound or film", file(64, [0, ascii("RIFF")], [8, ascii("WAVE")])],
    ["a film or picture", file(64, [4, ascii("ftypisom")])],
    [
      "a Windows program (PE)",
      file(256, [0, ascii("MZ")], [0x3c, little(128)], [128, ascii("PE\0\0")]),
    ],
    [
      "a Windows program (PE)",
      file(256, [0, ascii("MZ")], [0x3c, little(128)], [128, ascii("NE")]),
    ],
    [
      "a Windows program (PE)",
      file(256, [0, ascii("MZ")], [78, ascii("cannot be run in DOS mode.")]),
    ],
  ])("%s", (name, bytes) => {
    expect(kindBySignature(bytes)?.name).toBe(name);
  });
});

describe("raw firmware that begins like another kind of file", () => {
  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["the first bytes of gzip with reserved flags", file(64, [0, [0x1f, 0x8b, 8, 0xe0]])],
    ["gzip that is cut off", Uint8Array.of(0x1f, 0x8b, 8)],
    ["compress with a number of bits that it never used", file(64, [0, [0x1f, 0x9d, 0x87]])],
    ["compress with reserved flags", file(64, [0, [0x1f, 0x9d, 0xf0]])],
    ["LZMA with a dictionary that is no power of two", file(64, [0, [0x5d, ...little(5000)]])],
    ["LZMA of an implausible length", file(64, [0, [...LZMA, ...little(1), ...little(77)]])],
    ["LZMA of half a length", file(64, [0, [...LZMA, ...little(1), ...little(0xffff_ffff)]])],
    ["a tar header with another sum", oldTar((own) => own + 1)],
    ["a block without a sum in octal", file(1024, [0, [1]], [148, ascii("nonsense")])],
    ["the first letters of bzip2", file(64, [0, ascii("BZh9")])],
    ["the first bytes of JPEG", file(64, [0, [0xff, 0xd8, 0xff, 0x00]])],
    ["JPEG's bytes and erased flash", file(64, [0, [0xff, 0xd8, 0xff, 0xff]])],
    ["BM without a bitmap's header", file(200, [0, ascii("BM")])],
    ["BM with a word where zeros belong", file(200, [0, BITMAP], [6, [1]])],
    ["a bitmap whose pixels lie outside", file(50, [0, BITMAP])],
    ["an icon without entries", file(62, [0, ICON], [4, [0]])],
    ["an icon whose data lies elsewhere", file(62, [0, ICON], [18, little(23)])],
    ["an icon that is cut off", file(61, [0, ICON])],
    ["MZ alone", file(256, [0, ascii("MZ")])],
    ["MZ in a short file", file(32, [0, ascii("MZ")])],
    ["half of LHA's mark", file(64, [2, ascii("-lh5x")])],
  ])("%s", (_, bytes) => {
    expect(kindBySignature(bytes)).toBeUndefined();
  });
});
