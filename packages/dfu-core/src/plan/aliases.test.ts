import { describe, expect, it } from "vitest";
import { imageAt, rom } from "../testing/descriptors.ts";
import { atFlashAddress } from "./aliases.ts";

const F407 = rom([
  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
  "@Option Bytes  /0x1FFFC000/01*016 e",
]);
const F767 = rom([
  "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
  "@Option Bytes  /0x1FFF0000/01*032 e",
]);
const places = (descriptors: typeof F407, ...parts: [number, number][]) => {
  const image = imageAt(...parts);
  const { segments, warnings } = atFlashAddress(image, { descriptors });
  return {
    places: segments.map(({ address, data }) => [address, data.length]),
    notes: warnings.slice(image.warnings.length),
  };
};

describe("an image at an alias of the flash", () => {
  it("goes to the flash's own address, and says so", () => {
    expect(places(F407, [0, 1000])).toEqual({
      places: [[0x08000000, 1000]],
      notes: [
        "0x00000000 to 0x000003e7 is the flash's boot alias, and goes to 0x08000000 to 0x080003e7",
      ],
    });
    expect(places(F767, [0x00208000, 16]).places).toEqual([[0x08008000, 16]]);
  });

  it("joins what it has at the flash's own address, unless the bytes differ", () => {
    expect(places(F407, [0, 16], [0x08000010, 16]).places).toEqual([[0x08000000, 32]]);
    const image = imageAt([0, 16], [0x08000000, 16]);
    const [first, second] = image.segments;
    if (first === undefined || second === undefined) throw new TypeError("two segments");
    const segments = [first, { ...second, data: new Uint8Array(16).fill(2) }];
    expect(() => atFlashAddress({ ...image, segments }, { descriptors: F407 })).toThrow(
      expect.objectContaining({ code: "image.overlap" }),
    );
  });

  it("stays where the family has none there, where it is longer than the flash, and where nobody knows the unit", () => {
    const unknown = rom(["@Internal Flash  /0x08000000/3*16Kg"]);
    for (const [descriptors, place] of [
      [F767, [0, 16]],
      [F407, [0x00200000, 16]],
      [F407, [0, 1024 * 1024 + 1]],
      [unknown, [0, 16]],
    ] as [typeof F407, [number, number]][])
      expect(places(descriptors, place)).toEqual({ places: [place], notes: [] });
  });

  it("stays where the unit itself names a memory", () => {
    const both = rom([
      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
      "@Option Bytes  /0x1FFFC000/01*016 e",
      "@Serial Flash  /0x00000000/256*004Kg",
    ]);
    expect(places(both, [0, 16]).places).toEqual([[0, 16]]);
  });
});
