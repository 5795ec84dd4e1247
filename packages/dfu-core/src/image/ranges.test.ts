import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { imageAt } from "../testing/descriptors.ts";
import { partOfImage } from "./ranges.ts";
import { rebaseImage } from "./rebase.ts";

const FLASH = 0x08000000;
const OPTIONS = 0x1fffc000;
const places = ({ segments }: ReturnType<typeof partOfImage>) =>
  segments.map(({ address, data }) => [address, data.length]);

describe("the part of an image that is wanted", () => {
  const image = imageAt([FLASH, 1000], [OPTIONS, 16]);

  it("leaves a range out, and says so", () => {
    const part = partOfImage(image, { skip: [{ from: OPTIONS, to: OPTIONS + 15 }] });
    expect(places(part)).toEqual([[FLASH, 1000]]);
    expect(part.bytes).toBe(1000);
    expect(part.warnings).toContain("left out: 0x1fffc000 to 0x1fffc00f (16 bytes)");
  });

  it("counts both ends of a range in", () => {
    const only = partOfImage(image, { only: [{ from: FLASH + 10, to: FLASH + 10 }] });
    expect(places(only)).toEqual([[FLASH + 10, 1]]);
    const hole = partOfImage(image, { skip: [{ from: FLASH + 10, to: FLASH + 10 }] });
    expect(places(hole)).toEqual([
      [FLASH, 10],
      [FLASH + 11, 989],
      [OPTIONS, 16],
    ]);
  });

  it("joins ranges that touch or overlap, and takes out of them what is to be left out", () => {
    const part = partOfImage(image, {
      only: [
        { from: FLASH, to: FLASH + 99 },
        { from: FLASH + 50, to: FLASH + 199 },
      ],
      skip: [{ from: FLASH + 190, to: FLASH + 500 }],
    });
    expect(places(part)).toEqual([[FLASH, 190]]);
  });

  it.each([
    ["usage.range", { skip: [{ from: 0x20000000, to: 0x2000ffff }] }],
    ["usage.range", { only: [{ from: FLASH, to: 0 }] }],
    ["image.empty", { skip: [{ from: 0, to: 0xffffffff }] }],
  ])("refuses with %s", (code, options) => {
    expect(() => partOfImage(image, options)).toThrow(expect.objectContaining({ code }));
  });

  it("keeps and leaves out each byte once", () => {
    const span = fc
      .tuple(fc.nat(999), fc.nat(999))
      .map(([a, b]) => ({ from: FLASH + Math.min(a, b), to: FLASH + Math.max(a, b) }));
    fc.assert(
      fc.property(fc.array(span), fc.array(span), (only, skip) => {
        const stays = (address: number) =>
          (only.length === 0 || only.some(({ from, to }) => address >= from && address <= to)) &&
          !skip.some(({ from, to }) => address >= from && address <= to);
        const wanted = [...Array(1000).keys()].filter((offset) => stays(FLASH + offset));
        fc.pre(wanted.length > 0);
        const { segments } = partOfImage(imageAt([FLASH, 1000]), { only, skip });
        const got = segments.flatMap(({ address, data }) =>
          [...data.keys()].map((offset) => address - FLASH + offset),
        );
        expect(got).toEqual(wanted);
      }),
    );
  });
});

describe("an image that is moved", () => {
  it("keeps its gaps, and takes the start address with it", () => {
    const image = { ...imageAt([0, 100], [0x200, 4]), entry: 0x41 };
    const moved = rebaseImage(image, FLASH);
    expect(places(moved)).toEqual([
      [FLASH, 100],
      [FLASH + 0x200, 4],
    ]);
    expect(moved.entry).toBe(FLASH + 0x41);
  });

  it("does not leave the memory", () => {
    expect(() => rebaseImage(imageAt([0, 100]), 0xfffffff0)).toThrow(
      expect.objectContaining({ code: "usage.range" }),
    );
  });
});
