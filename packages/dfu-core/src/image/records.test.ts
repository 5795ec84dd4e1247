import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import {
  encodeHex,
  encodeRaw,
  encodeSrec,
  type Image,
  normaliseSegments,
  parseImage,
} from "./index.ts";

const file = (...lines: string[]) =>
  Uint8Array.from(`${lines.join("\n")}\n`, (letter) => letter.charCodeAt(0));
const END = ":00000001FF";
const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const at = (address: number, ...bytes: number[]) => ({ address, data: Uint8Array.from(bytes) });

/** With its checksum. */
const hex = (body: string) => {
  const sum = (body.match(/../g) ?? []).reduce((all, pair) => all + Number.parseInt(pair, 16), 0);
  return `:${body}${(-sum & 0xff).toString(16).padStart(2, "0")}`;
};
const srec = (type: string, body: string) => {
  const pairs = [(body.length / 2 + 1).toString(16).padStart(2, "0"), ...(body.match(/../g) ?? [])];
  const sum = pairs.reduce((all, pair) => all + Number.parseInt(pair, 16), 0);
  return `${type}${pairs.join("")}${(~sum & 0xff).toString(16).padStart(2, "0")}`;
};

describe("an Intel HEX file", () => {
  it("has linear and segment bases, gaps, a start address, any case and any line ends", () => {
    const text = [
      hex("020000040800"),
      hex("0400000001020304"),
      hex("020010000506"),
      hex("020000021000"),
      hex("01fff0000a"),
      hex("0400000508000101").toUpperCase(),
      END,
      "\x1a",
    ].join("\r\n");
    expect(parseImage(file(text))).toMatchObject({
      format: "hex",
      bytes: 7,
      entry: 0x08000101,
      segments: [at(0x1fff0, 10), at(0x08000000, 1, 2, 3, 4), at(0x08000010, 5, 6)],
      warnings: [],
    });
    expect(parseImage(file(hex("0400000312340005"), hex("0100000000"), END)).entry).toBe(0x12345);
  });

  it("may spread one segment over 64 KiB boundaries of linear addresses", () => {
    const records = [hex("020000040800"), hex("04fffe0001020304"), END];
    expect(parseImage(file(...records)).segments).toEqual([at(0x0800fffe, 1, 2, 3, 4)]);
  });

  it.each([
    ["a wrong checksum", [":0400000001020304f3"], "image.crc", /line 1: checksum 0xf3.*0xf2/],
    ["a cut record", [":04000000010203"], "image.truncated", /line 1: .*7 bytes, expected 9/],
    ["half a byte", [hex("0100000001"), ":0400000001020"], "image.truncated", /line 2/],
    ["a long record", [":01000000010203f9"], "image.format", /line 1: .*8 bytes, expected 6/],
    ["letters", [hex("0100000001"), ":01000000zz00"], "image.format", /line 2: .*hexadecimal/],
    ["another line", [hex("0100000001"), "S9030000FC"], "image.format", /line 2: got "S903/],
    ["type 06", [hex("00000006")], "image.format", /line 1: record type 6, expected 0 to 5/],
    ["a short base", [hex("0100000408")], "image.format", /line 1: .*1 data bytes, expected 2/],
    ["no end", [hex("0100000001"), hex("0100010002")], "image.truncated", /line 2: .*end-of-file/],
    [
      "a second file behind it",
      [hex("0100000001"), END, "", hex("0100000001")],
      "image.format",
      /line 4: .*line 2/,
    ],
    [
      "a wrap in its segment",
      [hex("020000021000"), hex("02ffff000102")],
      "image.format",
      /line 2: .*64 KiB/,
    ],
    ["data beyond 4 GiB", [hex("02000004ffff"), hex("02ffff000102")], "image.format", /4 GiB/],
    [
      "two contents",
      [hex("0100000001"), hex("0100000002"), END],
      "image.overlap",
      /0x00000000: 0x01 and 0x02/,
    ],
    ["no data", [hex("020000040800"), END], "image.empty", /no data/],
  ])("with %s is refused by its line", (_, lines, code, message) => {
    expect(() => parseImage(file(...lines))).toThrow(refusal(code, message));
  });

  it("whose first line is damaged is not flashed as raw bytes", () => {
    const lines = [";0400000001020304f2", hex("0100040005"), END];
    expect(() => parseImage(file(...lines))).toThrow(refusal("image.format", /line 1/));
  });

  it("that says the same twice is read once, with a warning", () => {
    const image = parseImage(file(hex("020000000102"), hex("020001000203"), END));
    expect(image).toMatchObject({ bytes: 3, segments: [at(0, 1, 2, 3)] });
    expect(image.warnings).toEqual([expect.stringMatching(/^1 bytes come twice/)]);
  });

  it("of 40 bytes that spans 4 GiB is two bytes, and no raw file is made of it", () => {
    const image = parseImage(
      file(hex("0100000001"), hex("02000004ffff"), hex("01ffff0002"), ":00000001FF"),
    );
    expect(image).toMatchObject({ bytes: 2, segments: [at(0, 1), at(0xffffffff, 2)] });
    expect(() => encodeRaw(image)).toThrow(refusal("image.gap", /4294967296 bytes/));
    expect(() => encodeRaw({ segments: [at(0, 1), at(9, 2)] }, 0, 9)).toThrow(
      refusal("image.gap", /8 of them would fill the gap at 0x00000001/),
    );
  });
});

describe("an S-record file", () => {
  it("has a title, addresses of 2, 3 and 4 bytes, a count and a start address", () => {
    const lines = [
      srec("S0", "0000484d1b5b"),
      srec("S1", "00100102"),
      srec("S2", "01000003"),
      srec("S3", "0800000004"),
      srec("S5", "0003"),
      srec("S7", "08000101"),
    ];
    expect(parseImage(file(...lines))).toMatchObject({
      format: "srec",
      title: "HM?[",
      entry: 0x08000101,
      segments: [at(0x10, 1, 2), at(0x10000, 3), at(0x08000000, 4)],
      warnings: [expect.stringMatching(/16, 24, 32 bit/)],
    });
  });

  it.each([
    ["a wrong checksum", ["S1050000010200"], "image.crc", /line 1: checksum 0x00.*0xf7/],
    ["a cut record", ["S10500000102"], "image.truncated", /line 1: the record has 5 bytes/],
    ["a long record", ["S10400000102F8"], "image.format", /line 1: the record has 6 bytes/],
    ["no room for its address", [srec("S3", "0000")], "image.truncated", /at least 6/],
    ["type S4", [srec("S4", "0000")], "image.format", /line 1: got "S4/],
    [
      "a count that differs",
      [srec("S1", "000001"), srec("S5", "0002")],
      "image.truncated",
      /line 2: S5 counts 2 data records, the file has 1/,
    ],
    ["no end", [srec("S1", "000001")], "image.truncated", /S7, S8 or S9/],
    ["more behind its end", [srec("S9", "0000"), srec("S1", "000001")], "image.format", /line 2/],
    ["data beyond 4 GiB", [srec("S3", "ffffffff0102")], "image.format", /4 GiB/],
  ])("with %s is refused by its line", (_, lines, code, message) => {
    expect(() => parseImage(file(...lines))).toThrow(refusal(code, message));
  });
});

describe("properties", () => {
  const segments = fc
    .uniqueArray(
      fc.record({
        page: fc.oneof(fc.nat(0x300), fc.nat(0xffffff)),
        offset: fc.nat(100),
        data: fc.uint8Array({ minLength: 1, maxLength: 100 }),
      }),
      { minLength: 1, maxLength: 5, selector: (part) => part.page },
    )
    .map((parts) =>
      normaliseSegments(
        parts.map(({ page, offset, data }) => ({ address: page * 256 + offset, data })),
      ),
    );
  const image = fc.record({ segments, entry: fc.integer({ min: 1, max: 0xffff_ffff }) });
  const encoders: [string, (image: Pick<Image, "segments" | "entry">) => Uint8Array][] = [
    ["hex", encodeHex],
    ["srec", encodeSrec],
  ];

  it.each(encoders)("decode∘encode is the identity: %s", (format, encode) => {
    fc.assert(
      fc.property(image, (wanted) => {
        expect(parseImage(encode(wanted))).toMatchObject({ format, ...wanted, warnings: [] });
      }),
    );
  });

  it.each(encoders)("one changed letter never passes for other content: %s", (_, encode) => {
    const letter = fc.constantFrom(..."0123456789ABCDEFS:\n\r xZ");
    fc.assert(
      fc.property(image, fc.nat(), letter, (wanted, where, other) => {
        const bytes = encode(wanted);
        bytes[where % bytes.length] = other.charCodeAt(0);
        try {
          const got = parseImage(bytes);
          // The type letter is in no checksum: S3 can become S2, and only the other records tell.
          if (got.warnings.length === 0) expect(got.segments).toEqual(wanted.segments);
          else expect(got.warnings[0]).toMatch(/address widths/);
        } catch (error) {
          expect(error).toBeInstanceOf(DfuError);
        }
      }),
    );
  });
});
