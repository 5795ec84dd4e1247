import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import { type Image, isSecret } from "../image/index.ts";
import {
  applyPatches,
  type ContentHash,
  type CrcRule,
  type PatchField,
  type PatchValue,
} from "./index.ts";

const BASE = 0x08000000;
const IMAGE: Image = {
  format: "raw",
  bytes: 80,
  warnings: [],
  segments: [
    { address: BASE, data: Uint8Array.from({ length: 64 }, (_, index) => index) },
    { address: BASE + 0x100, data: new Uint8Array(16).fill(0xee) },
  ],
};
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
/** Tells all that went in; test/engine gives the real one. */
function hashed(): ContentHash {
  const bytes: number[] = [];
  return { update: (part) => bytes.push(...part), digest: () => bytes.join(" ") };
}
const refusal = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const place = { name: "field", address: BASE + 8 };

/** The bytes of one field after its value was put in. */
function put(field: Record<string, unknown>, value: PatchValue): number[] {
  const one = { ...place, ...field } as PatchField;
  const { image } = applyPatches(IMAGE, [one], { field: value });
  return [...(image.segments[0]?.data.subarray(8, 8 + one.length) ?? [])];
}

describe("a value becomes the bytes of its field", () => {
  it.each([
    [{ kind: "text", length: 5 }, "SN1", [0x53, 0x4e, 0x31, 0, 0]],
    [{ kind: "text", length: 4, padding: 0xff }, "SN", [0x53, 0x4e, 0xff, 0xff]],
    [
      { kind: "text", length: 11, encoding: "utf8" },
      "Aé€😀",
      [0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0],
    ],
    [{ kind: "text", length: 4, encoding: "utf16le" }, "A€", [0x41, 0, 0xac, 0x20]],
    [{ kind: "uint", length: 4 }, "0x01020304", [4, 3, 2, 1]],
    [{ kind: "uint", length: 4, endian: "big" }, 0x01020304, [1, 2, 3, 4]],
    [{ kind: "uint", length: 8 }, "18446744073709551615", new Array(8).fill(255)],
    [{ kind: "uint", length: 3 }, 7n, [7, 0, 0]],
    [{ kind: "bcd", length: 3 }, "12345", [0x01, 0x23, 0x45]],
    [{ kind: "bcd", length: 2, endian: "little" }, 1234, [0x34, 0x12]],
    [{ kind: "bytes", length: 6 }, "00:80:E1:0a-0B 0c", [0, 0x80, 0xe1, 10, 11, 12]],
    [{ kind: "bytes", length: 3, endian: "little" }, "010203", [3, 2, 1]],
    [{ kind: "bytes", length: 3, padding: 0xff }, Uint8Array.of(1), [1, 255, 255]],
  ])("%j %s", (field, value, bytes) => {
    expect(put(field, value)).toEqual(bytes);
  });

  it.each([
    [{ kind: "text", length: 2 }, "ABC", /3 bytes, at most 2/],
    [{ kind: "text", length: 2 }, "é", /printable ASCII/],
    [{ kind: "text", length: 2 }, 5, /expected text/],
    [{ kind: "text", length: 9, encoding: "utf8" }, "\ud800", /surrogate/],
    [{ kind: "text", length: 9, encoding: "utf16le" }, "a\udc00", /surrogate/],
    [{ kind: "uint", length: 2 }, "65536", /does not fit into 2 bytes/],
    [{ kind: "uint", length: 2 }, "-1", /whole number/],
    [{ kind: "uint", length: 2 }, 1.5, /whole number/],
    [{ kind: "uint", length: 2 }, -1n, /whole number/],
    [{ kind: "bcd", length: 1 }, "123", /3 digits, at most 2/],
    [{ kind: "bcd", length: 1 }, "0x1", /decimal digits/],
    [{ kind: "bcd", length: 1 }, Uint8Array.of(0x12), /decimal digits/],
    [{ kind: "bytes", length: 2 }, 0x0102, /hexadecimal/],
    [{ kind: "bytes", length: 2 }, "01", /1 bytes, expected 2/],
    [{ kind: "bytes", length: 2, padding: 0 }, "010203", /3 bytes, expected at most 2/],
    [{ kind: "bytes", length: 2 }, "0g01", /hexadecimal/],
  ])("or is refused: %j %s", (field, value, message) => {
    expect(() => put(field, value)).toThrow(refusal("image.patch_value", message));
  });
});

describe("a CRC", () => {
  const over = (text: string, rule: Partial<CrcRule>) => {
    const data = new Uint8Array(32).fill(0xff);
    data.set(ascii(text), 4);
    const field: PatchField = {
      name: "crc",
      kind: "crc32",
      address: 0,
      length: 4,
      endian: "big",
      crc: { from: 4, to: 4 + text.length, ...rule },
    };
    const image: Image = {
      format: "raw",
      bytes: 32,
      warnings: [],
      segments: [{ address: 0, data }],
    };
    const [segment] = applyPatches(image, [field], {}).image.segments;
    return [...(segment?.data.subarray(0, 4) ?? [])]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  };

  // Check values of the CRC catalogue (reveng.sourceforge.io/crc-catalogue) for "123456789".
  it.each([
    ["ISO-HDLC", {}, "cbf43926"],
    ["MPEG-2", { reflect: false, xorOut: 0 }, "0376e6e7"],
    ["BZIP2", { reflect: false }, "fc891918"],
    ["ISCSI", { poly: 0x1edc6f41 }, "e3069283"],
    ["JAMCRC", { xorOut: 0 }, "340bc6d9"],
    ["CKSUM", { reflect: false, init: 0 }, "765e7680"],
  ])("has the catalogue's check value: %s", (_, rule, check) => {
    expect(over("123456789", rule)).toBe(check);
  });

  it("takes words as the STM32's unit does: their bytes from the last to the first", () => {
    const unit = { reflect: false, xorOut: 0 };
    expect(over("43218765", { ...unit, wordBytes: 4 })).toBe(over("12345678", unit));
  });

  const crc = (from: number, to: number, more: Partial<CrcRule> = {}): PatchField => ({
    name: "crc",
    kind: "crc32",
    address: BASE + 60,
    length: 4,
    crc: { from, to, ...more },
  });
  const serial: PatchField = { ...place, name: "serial", kind: "text", length: 4, secret: true };

  it("is over what the other fields say, wherever they stand in the spec", () => {
    const range = crc(BASE, BASE + 60);
    const end = (fields: readonly PatchField[], value: string) =>
      applyPatches(IMAGE, fields, { serial: value }).image.segments[0]?.data.slice(60);
    expect(end([range, serial], "AAAA")).toEqual(end([serial, range], "AAAA"));
    expect(end([range, serial], "AAAA")).not.toEqual(end([range, serial], "AAAB"));
  });

  it("counts a gap as its fill, and refuses one without", () => {
    const filled = applyPatches(IMAGE, [crc(BASE + 64, BASE + 0x110, { fill: 0xff })], {});
    expect(filled.image.segments[0]?.data.slice(60)).not.toEqual(IMAGE.segments[0]?.data.slice(60));
    expect(() => applyPatches(IMAGE, [crc(BASE + 64, BASE + 0x110)], {})).toThrow(
      refusal("image.patch_outside", /192 bytes of its range.*no fill/),
    );
    expect(() => applyPatches(IMAGE, [crc(0, BASE, { fill: 0 })], {})).toThrow(
      refusal("image.patch_spec", /at most 67108864/),
    );
  });

  it("of a range with a secret is a secret too", () => {
    const { image } = applyPatches(IMAGE, [crc(BASE, BASE + 60), serial], { serial: "x" });
    expect(image.secrets).toEqual([
      { address: BASE + 8, length: 4 },
      { address: BASE + 60, length: 4 },
    ]);
    expect([isSecret(image, BASE + 7), isSecret(image, BASE + 7, 2)]).toEqual([false, true]);
    expect(isSecret(image, BASE + 12)).toBe(false);
  });

  it("stands beside another one, and over it when that comes first", () => {
    const inner = { ...crc(BASE + 20, BASE + 24), name: "b", address: BASE + 4 };
    const alone = applyPatches(IMAGE, [inner], {}).image.segments[0]?.data.slice(4, 8);
    for (const from of [BASE, BASE + 8]) {
      const { image } = applyPatches(IMAGE, [inner, crc(from, BASE + 60)], {});
      expect(image.segments[0]?.data.slice(4, 8)).toEqual(alone);
    }
    const beside = applyPatches(IMAGE, [crc(BASE + 8, BASE + 60), inner], {}).image;
    expect(beside.segments[0]?.data.slice(4, 8)).toEqual(alone);
  });

  it("is computed and never given", () => {
    expect(() => applyPatches(IMAGE, [crc(BASE, BASE + 60)], { crc: "1" })).toThrow(
      refusal("image.patch_value", /takes no value/),
    );
  });

  it.each([
    ["itself", [crc(BASE, BASE + 61)]],
    ["nothing", [crc(BASE, BASE)]],
    ["half a word", [crc(BASE, BASE + 6, { wordBytes: 4 })]],
    ["a gap of 256", [crc(BASE, BASE + 4, { fill: 256 })]],
    ["bytes with a polynomial of 33 bits", [crc(BASE, BASE + 4, { poly: 0x1_04c1_1db7 })]],
    [
      "a CRC that comes later",
      [crc(BASE, BASE + 60), { ...crc(BASE + 20, BASE + 24), name: "b", address: BASE }],
    ],
  ] as const)("over %s is refused", (_, fields) => {
    expect(() => applyPatches(IMAGE, fields, {})).toThrow(refusal("image.patch_spec"));
  });
});

describe("fields", () => {
  const field = (changes: object) =>
    ({ ...place, kind: "bytes", length: 2, ...changes }) as PatchField;

  it.each([
    ["outside the image", [field({ address: BASE + 63 })], "image.patch_outside"],
    ["in a gap", [field({ address: BASE + 0x80 })], "image.patch_outside"],
    ["that overlap", [field({}), field({ name: "b", address: BASE + 9 })], "image.patch_overlap"],
    ["of one name", [field({}), field({ address: BASE + 20 })], "image.patch_spec"],
    ["without a name", [field({ name: "" })], "image.patch_spec"],
    ["without a length", [field({ length: 0 })], "image.patch_spec"],
    ["beyond 4 GiB", [field({ address: 0xffffffff })], "image.patch_spec"],
    ["with a padding of 256", [field({ padding: 256 })], "image.patch_spec"],
    ["of 9 bytes of number", [field({ kind: "uint", length: 9 })], "image.patch_spec"],
    [
      "of 3 bytes of CRC",
      [field({ kind: "crc32", length: 3, crc: { from: 0, to: 1 } })],
      "image.patch_spec",
    ],
  ])("%s are refused", (_, fields, code) => {
    const values = Object.fromEntries(fields.map(({ name }) => [name, "0102"]));
    expect(() => applyPatches(IMAGE, fields, values)).toThrow(refusal(code));
  });

  it("need their values, and values their fields", () => {
    expect(() => applyPatches(IMAGE, [field({})], {})).toThrow(
      refusal("image.patch_value", /field has no value/),
    );
    const unknown = () => applyPatches(IMAGE, [field({})], { field: "0102", hunter2: "x" });
    expect(unknown).toThrow(refusal("image.patch_value", /there are field$/));
    expect(() => applyPatches(IMAGE, [], { field: "01" })).toThrow(
      refusal("image.patch_value", /there are none$/),
    );
    expect(() => applyPatches(IMAGE, [field({ name: "toString" })], {})).toThrow(
      refusal("image.patch_value", /no value/),
    );
  });

  it("leave the given image alone and change nothing but their own bytes", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, value) => {
        const one = field({ address: BASE + at, length: value.length });
        const { image } = applyPatches(IMAGE, [one], { field: value });
        const expected = Uint8Array.from({ length: 64 }, (_, index) => index);
        expect(IMAGE.segments[0]?.data).toEqual(expected);
        expected.set(value, at);
        expect(image.segments).toEqual([{ address: BASE, data: expected }, IMAGE.segments[1]]);
      }),
    );
  });

  it("of a secret never come up in an error, whatever is wrong with the value", () => {
    const kinds = fc.constantFrom("text", "uint", "bcd", "bytes");
    const value = fc.string({ minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 8 }), value, (kind, length, secret) => {
        try {
          applyPatches(IMAGE, [field({ kind, length, secret: true })], { field: secret });
        } catch (error) {
          expect(error).toBeInstanceOf(DfuError);
          const said = `${JSON.stringify(error)} ${error instanceof Error ? error.stack : ""}`;
          expect(said.includes(secret)).toBe(false);
        }
      }),
    );
  });
});

it("the public digest has zeros where secrets are, in every segment, and is the digest where there are none", () => {
  const field = (address: number, secret: boolean): PatchField => ({
    name: "pin",
    kind: "bytes",
    address,
    length: 4,
    secret,
  });
  const given = (address: number, secret: boolean, pin: string) =>
    applyPatches(IMAGE, [field(address, secret)], { pin });
  for (const { address } of IMAGE.segments) {
    const zeros = given(address, false, "00000000");
    expect(given(address, true, "01020304").publicDigest(hashed())).toBe(zeros.digest(hashed()));
    const shown = given(address, false, "01020304");
    expect(shown.publicDigest(hashed())).toBe(shown.digest(hashed()));
    expect(shown.digest(hashed())).not.toBe(zeros.digest(hashed()));
  }
});

it("the digest goes over address and length, little-endian, and the bytes of each segment", () => {
  const segments = [
    { address: 0x0800_0102, data: Uint8Array.of(1, 2, 3) },
    { address: 9, data: Uint8Array.of(4) },
  ];
  const patched = applyPatches({ ...IMAGE, segments }, [], {});
  expect(patched.digest(hashed())).toBe("2 1 0 8 3 0 0 0 1 2 3 9 0 0 0 1 0 0 0 4");
});
