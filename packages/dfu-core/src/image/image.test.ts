import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DfuError } from "../errors.ts";
import {
  appendSuffix,
  encodeDfuse,
  encodeRaw,
  normaliseSegments,
  parseImage,
  suffixCrc,
} from "./index.ts";

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const code = (wanted: string) => expect.objectContaining({ code: wanted });
const DATA = Uint8Array.from({ length: 3338 }, (_, index) => index & 0xff);
const FILE = encodeDfuse([{ address: 0x08005000, data: DATA }]);
/** A copy with some bytes set and, unless told otherwise, a right checksum. */
function patched(at: number, bytes: readonly number[], fixCrc = true): Uint8Array {
  const copy = FILE.slice();
  copy.set(bytes, at);
  if (fixCrc) {
    const crc = suffixCrc(copy.subarray(0, copy.length - 4));
    new DataView(copy.buffer).setUint32(copy.length - 4, crc, true);
  }
  return copy;
}

describe("a DfuSe file", () => {
  it("has ST's checksum: CRC-32 without the final inversion", () => {
    expect(suffixCrc(text("123456789"))).toBe(0x340bc6d9);
  });

  it("gives its elements, ids and alternate", () => {
    expect(parseImage(FILE)).toMatchObject({
      format: "dfuse",
      bytes: 3338,
      alternate: 0,
      target: { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0xffff },
      segments: [{ address: 0x08005000, data: DATA }],
      warnings: [],
    });
  });

  it("is found by content and may have garbage after its name's NUL, as ST's own files do", () => {
    const garbage = patched(11 + 11 + 10, [0xcd, 0xcd, 0xff, 0x80]);
    expect(parseImage(garbage).segments[0]?.data).toEqual(DATA);
  });

  it.each([
    [0x0000, true],
    [0xffff, true],
    [0xdf11, true],
    [0xdf12, false],
  ])("with idProduct 0x%s fits 0483:df11: %s", (productId, fits) => {
    const file = encodeDfuse([{ address: 0, data: DATA }], { productId });
    const parse = () => parseImage(file, { deviceIds: { vendorId: 0x0483, productId: 0xdf11 } });
    if (fits) expect(parse().bytes).toBe(3338);
    else expect(parse).toThrow(code("image.wrong_device"));
  });

  it.each([
    ["version 2", patched(5, [2]), "image.format"],
    ["a flipped bit", patched(1000, [0x55], false), "image.crc"],
    ["no target signature", patched(11, [0x78]), "image.format"],
    [
      "an element longer than the file",
      patched(11 + 274 + 4, [0xff, 0xff, 0xff, 0x7f]),
      "image.truncated",
    ],
    ["more elements than there are", patched(11 + 270, [9]), "image.truncated"],
    ["more targets than there are", patched(10, [3]), "image.truncated"],
    ["a size beyond the file", patched(6, [0, 0, 0, 1]), "image.truncated"],
    ["its end cut off", FILE.slice(0, -100), "image.truncated"],
    ["only a signature", text("DfuSe"), "image.truncated"],
    ["no data", encodeDfuse([]), "image.empty"],
  ])("with %s is refused", (_, file, wanted) => {
    expect(() => parseImage(file)).toThrow(code(wanted));
  });

  it("whose first byte is damaged is not flashed as raw bytes", () => {
    expect(() => parseImage(patched(0, [0x45], false))).toThrow(code("image.crc"));
  });

  it("warns of a size that its elements contradict", () => {
    expect(parseImage(patched(11 + 266, [1, 0, 0, 0])).warnings).toHaveLength(1);
  });
});

describe("a raw file", () => {
  it("goes to 0x08000000 or where it is told", () => {
    expect(parseImage(DATA).segments[0]?.address).toBe(0x08000000);
    expect(parseImage(DATA, { address: 0x08010000 }).segments[0]?.address).toBe(0x08010000);
  });

  it("loses a valid DFU suffix and keeps everything when told that it is raw", () => {
    const file = appendSuffix(DATA, { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0 });
    expect(parseImage(file)).toMatchObject({ bytes: 3338, target: { productId: 0xdf11 } });
    expect(parseImage(file, { format: "raw" }).bytes).toBe(3338 + 16);
  });

  it("is refused when empty or beyond the address space", () => {
    expect(() => parseImage(new Uint8Array(0))).toThrow(code("image.empty"));
    expect(() => parseImage(DATA, { address: 0xffffff00 })).toThrow(code("image.format"));
  });
});

describe("segments", () => {
  const at = (address: number, ...bytes: number[]) => ({ address, data: Uint8Array.from(bytes) });

  it("are sorted and joined where they touch; the same bytes twice are one", () => {
    expect(normaliseSegments([at(12, 5), at(10, 1, 2), at(11, 2), at(20, 9)])).toEqual([
      at(10, 1, 2, 5),
      at(20, 9),
    ]);
  });

  it("that differ at one address are refused with it", () => {
    expect(() => normaliseSegments([at(10, 1, 2, 3), at(11, 7)])).toThrow(
      expect.objectContaining({ code: "image.overlap", address: 11 }),
    );
  });
});

describe("properties", () => {
  const segment = fc.record({
    // None reaches into the next 256 bytes, by which they are told apart.
    address: fc.integer({ min: 0, max: 0xffff0000 }).map((at) => at - (at % 256) + (at % 128)),
    data: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  });

  it("decode∘encode is the identity", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(segment, {
          minLength: 1,
          maxLength: 5,
          selector: (part) => part.address >>> 8,
        }),
        (parts) => {
          const segments = normaliseSegments(parts);
          expect(parseImage(encodeDfuse(segments)).segments).toEqual(segments);
          const [first] = segments;
          if (first !== undefined) {
            const one = parseImage(encodeDfuse([first]));
            expect(encodeRaw(one)).toEqual(first.data);
          }
        },
      ),
    );
  });

  it("any bytes give an image or one of our errors", () => {
    const damaged = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(FILE.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.boolean(),
      )
      .map(([changes, fix]) => {
        const copy = patched(0, []);
        for (const [index, value] of changes) copy[index] = value;
        if (fix)
          new DataView(copy.buffer).setUint32(
            copy.length - 4,
            suffixCrc(copy.subarray(0, -4)),
            true,
          );
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), damaged), (bytes) => {
        try {
          expect(parseImage(bytes).bytes).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DfuError);
        }
      }),
    );
  });
});
