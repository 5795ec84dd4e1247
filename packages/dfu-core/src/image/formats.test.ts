import { describe, expect, it } from "vitest";
import {
  appendSuffix,
  encodeDfuse,
  encodeDfuseTargets,
  encodeHex,
  encodeRaw,
  encodeSrec,
  isSecret,
  mergeSegments,
  parseImage,
  readSuffix,
  suffixCrc,
} from "./index.ts";

const text = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0));
const written = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const refusal = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });
const at = (address: number, ...bytes: number[]) => ({ address, data: Uint8Array.from(bytes) });
const ONE = [at(0x08000000, 1, 2, 3)];
const ids = { vendorId: 0x0483, productId: 0xdf11, bcdDevice: 0 };

/** With a right checksum again. */
function changed(file: Uint8Array, offset: number, ...bytes: number[]): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, offset);
  new DataView(copy.buffer).setUint32(copy.length - 4, suffixCrc(copy.subarray(0, -4)), true);
  return copy;
}

describe("a DfuSe file of several targets", () => {
  const options = { alternate: 1, name: "opt\x1b[2J", segments: [at(0x1fffc000, 0xaa)] };

  it("gives what all targets of alternate 0 have, and names the others without control characters", () => {
    const file = encodeDfuseTargets([
      options,
      { name: "boot", segments: ONE },
      { segments: [at(0x08004000, 9)] },
    ]);
    expect(parseImage(file)).toMatchObject({
      alternate: 0,
      title: "boot",
      segments: [...ONE, at(0x08004000, 9)],
      warnings: ["target for alternate 1 (opt?[2J) is not flashed"],
    });
  });

  it("may have a name that fills its field, without a NUL", () => {
    const file = changed(
      encodeDfuseTargets([{ name: "boot", segments: ONE }]),
      11 + 11,
      ...new Array<number>(255).fill(0x61),
    );
    expect(parseImage(file).title).toBe("a".repeat(255));
  });

  it("none of which is alternate 0 is refused; the only alternate there is is the image", () => {
    const other = { alternate: 2, segments: ONE };
    expect(() => parseImage(encodeDfuseTargets([options, other]))).toThrow(
      refusal("image.format", /alternates 1, 2 and none for 0/),
    );
    expect(parseImage(encodeDfuseTargets([other]))).toMatchObject({
      alternate: 2,
      bytes: 3,
      warnings: [expect.stringMatching(/for alternate 2 alone/)],
    });
    expect(() => parseImage(encodeDfuseTargets([]))).toThrow(refusal("image.empty", /no target/));
  });

  it("with different data for one address is refused", () => {
    const file = encodeDfuseTargets([{ segments: ONE }, { segments: [at(0x08000001, 7)] }]);
    expect(() => parseImage(file)).toThrow(refusal("image.overlap", /0x08000001/));
  });

  it("warns of what is odd about it", () => {
    const file = encodeDfuse(ONE);
    const body = file.slice(0, -16);
    const longer = new Uint8Array(body.length + 5);
    longer.set(body);
    expect(parseImage(appendSuffix(longer, ids)).warnings).toEqual([
      expect.stringMatching(/DFUImageSize at offset 6 says 296, the file has 301/),
      expect.stringMatching(/5 bytes after the last target/),
    ]);
    expect(parseImage(appendSuffix(body, ids, 0x0100)).warnings).toEqual([
      "bcdDFU is 0x100, DfuSe files have 0x11a",
    ]);
    expect(parseImage(changed(file, 6, ...[0x38, 1, 0, 0])).warnings).toEqual([]);
  });

  it("whose elements have no room is refused", () => {
    const file = encodeDfuse([at(0x08000000, ...new Array(20).fill(0))]);
    const size = 11 + 274 + 8 + 20;
    expect(() => parseImage(changed(file, 11 + 270, 4))).toThrow(refusal("image.truncated"));
    expect(() => parseImage(appendSuffix(file.slice(0, size - 22), ids))).toThrow(
      refusal("image.truncated", /announces/),
    );
  });
});

describe("a suffix", () => {
  it("that is not there or has a length that cannot be is refused", () => {
    expect(() => readSuffix(text("no suffix in these bytes"))).toThrow(refusal("image.format"));
    const file = appendSuffix(text("raw"), ids);
    for (const length of [15, 20]) {
      expect(() => readSuffix(changed(file, file.length - 5, length))).toThrow(
        refusal("image.format", new RegExp(`it has ${length} bytes`)),
      );
    }
    expect(readSuffix(changed(file, file.length - 5, 19)).length).toBe(19);
  });
});

describe("recognition", () => {
  it("passes over blank lines, and blanks before a record", () => {
    const hex = encodeHex({ segments: ONE });
    const spaced = Uint8Array.from([13, 10, 10, 32, 9, ...hex]);
    expect(parseImage(spaced)).toMatchObject({ format: "hex", segments: ONE });
  });

  it("shows of a damaged line of any length only its beginning", () => {
    const file = text(`:00000001FF\n:${"z".repeat(10_000)}\n`);
    expect(() => parseImage(file, { format: "hex" })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,200}$/) }),
    );
  });

  it("of a format that is asked for is a check", () => {
    expect(() => parseImage(text(":00"), { format: "hex" })).toThrow(
      refusal("image.format", /expected Intel HEX records/),
    );
    expect(parseImage(encodeHex({ segments: ONE }), { format: "raw" }).format).toBe("raw");
    expect(() => parseImage(ONE[0]?.data ?? text("x"), { format: "bin" as "raw" })).toThrow(
      refusal("image.format", /bin is not known/),
    );
  });

  it("warns of records that are taken as bytes, and of an address that is not used", () => {
    expect(parseImage(encodeHex({ segments: ONE }), { format: "raw" }).warnings).toEqual([
      expect.stringMatching(/of the format hex, and its bytes are taken as they are/),
    ]);
    const options = { address: 0x08004000 };
    expect(parseImage(encodeHex({ segments: ONE }), options).warnings).toEqual([
      "the file carries its own addresses; 0x08004000 is not used",
    ]);
    expect(parseImage(Uint8Array.of(1, 2), options).warnings).toEqual([]);
  });

  it("of an empty file says that it is empty", () => {
    expect(() => parseImage(new Uint8Array(0))).toThrow(refusal("image.empty", /file is empty/));
  });
});

describe("what is written", () => {
  it("has the smallest records that hold the addresses, title and count", () => {
    expect(written(encodeSrec({ segments: [at(0x10, 1)], title: "boot\n" }))).toBe(
      "S0080000626F6F743F04\nS104001001EA\nS5030001FB\nS9030000FC\n",
    );
    expect(written(encodeSrec({ segments: [at(0x10000, 1)] }))).toMatch(/^S0.*\nS2.*\nS5.*\nS8/);
    expect(written(encodeSrec({ segments: ONE }))).toMatch(/^S0.*\nS3.*\nS5.*\nS7/);
  });

  it("counts records with S6 where S5 cannot, and reads them back", () => {
    const segments = [{ address: 0, data: new Uint8Array(0x10000 * 16).fill(7) }];
    const file = encodeSrec({ segments });
    expect(written(file.subarray(-40))).toMatch(/\nS604010000FA\n/);
    expect(parseImage(file)).toMatchObject({ bytes: 0x100000 });
  });

  it("names a start address only where there is one", () => {
    const two = ":0400000501020304ED\n:0400000501020305EC";
    const file = text(`${two}\n:0100000001FE\n:00000001FF`);
    expect(parseImage(file)).toMatchObject({
      entry: 0x01020305,
      warnings: ["line 2 names another start address than a line before it"],
    });
    expect(written(encodeHex({ segments: ONE, entry: 0 }))).not.toMatch(/^:04....05/m);
  });

  it("is nothing for nothing", () => {
    expect(encodeRaw({ segments: [] })).toEqual(new Uint8Array(0));
    expect(written(encodeHex({ segments: [] }))).toBe(":00000001FF\n");
    expect(written(encodeSrec({ segments: [] }))).toMatch(/S5030000FC\nS9030000FC/);
  });
});

it("an image in more pieces than anybody needs is refused", () => {
  const pieces = Array.from({ length: 16_385 }, (_, index) => at(index * 2, 1));
  expect(() => mergeSegments(pieces)).toThrow(refusal("image.format", /16385 separate pieces/));
  expect(mergeSegments(pieces.slice(1)).bytes).toBe(16_384);
});

it("an image without per-unit data has no secret", () => {
  expect(isSecret({}, 0)).toBe(false);
});
