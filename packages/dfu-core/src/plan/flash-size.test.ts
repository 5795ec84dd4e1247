import { describe, expect, it } from "vitest";
import { imageAt, planOf, rom } from "../testing/descriptors.ts";
import { flashSizeOf } from "./flash-size.ts";
import { formatPlan } from "./format.ts";
import { flashGeometry } from "./geometry.ts";
import { planPicture } from "./picture.ts";

const BASE = 0x08000000;
const K = 1024;
const H743 = rom(
  ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
  1024,
);
const L072 = rom([
  "@Internal Flash  /0x08000000/1536*128g",
  "@Option Bytes  /0x1FF80000/01*032 e",
  "@DATA Memory /0x08080000/2*3Ke",
]);
const G474 = rom(
  ["@Internal Flash   /0x08000000/256*02Kg", "@Option Bytes   /0x1FFF7800/01*048 e"],
  1024,
);

describe("the size that a product's order code promises", () => {
  it.each([
    ["STM32F405RGT6", 1024 * K],
    ["l072rb", 128 * K],
    ["L4R5ZI", 2048 * K],
    ["STM32WB55CE", 512 * K],
    ["H7B0VB", 128 * K],
    ["STM32F407", undefined],
    ["STM32F4", undefined],
    ["F405R?", undefined],
  ])("%s: %s", (chip, size) => {
    expect(flashSizeOf(chip)).toBe(size);
  });

  it("cuts the layout, which shows the largest of the class", () => {
    const fits = imageAt([BASE + 127 * K, K]);
    const beyond = imageAt([BASE + 128 * K, K]);
    expect(planOf({ descriptors: L072, image: fits, chip: "STM32L072RB" }).sectors).toHaveLength(8);
    expect(() => planOf({ descriptors: L072, image: beyond, chip: "STM32L072RB" })).toThrow(
      expect.objectContaining({ code: "image.does_not_fit" }),
    );
    expect(planOf({ descriptors: L072, image: beyond, chip: "STM32L072RZ" }).sectors).toHaveLength(
      8,
    );
    // Other memories are not cut.
    const data = flashGeometry({ descriptors: L072, chip: "STM32L072RB" }).at(-2);
    expect(data).toMatchObject({ address: 0x08080c00 });
  });

  it("leaves two short banks where half of the flash is missing from each", () => {
    const sectors = flashGeometry({ descriptors: H743, chip: "STM32H743ZG" })
      .filter(({ flashable }) => flashable)
      .map(({ address }) => address - BASE);
    expect(sectors).toEqual([0, 128, 256, 384, 1024, 1152, 1280, 1408].map((kib) => kib * K));
  });

  it.each([
    ["STM32H7A3ZG", "256*08K", 1024, 0x5200201c, 128, 1024 + 504],
    ["STM32L4R5ZG", "512*0004K", 2048, 0x1ff00000, 256, 1020],
  ])("%s: what is left of its banks", (chip, pages, transferSize, options, count, last) => {
    const names = [
      `@Internal Flash  /0x08000000/${pages}g`,
      `@Option Bytes  /0x${options.toString(16)}/01*040 e`,
    ];
    const sectors = flashGeometry({ descriptors: rom(names, transferSize), chip }).filter(
      ({ flashable }) => flashable,
    );
    expect(sectors).toHaveLength(count);
    expect(((sectors.at(-1)?.address ?? 0) - BASE) / K).toBe(last);
  });
});

describe("the bank mode", () => {
  it("sizes the pages", () => {
    const image = imageAt([BASE + 2 * K, 5 * K]);
    const sizes = (bankMode?: "single" | "dual") =>
      planOf({ descriptors: G474, image, bankMode, chip: "G474" }).sectors.map(
        ({ address, size }) => [(address - BASE) / K, size / K],
      );
    expect(sizes()).toEqual([
      [2, 2],
      [4, 2],
      [6, 2],
    ]);
    expect(sizes("dual")).toEqual(sizes());
    expect(sizes("single")).toEqual([
      [0, 4],
      [4, 4],
    ]);
    const plan = planOf({ descriptors: G474, image, bankMode: "single", chip: "G474" });
    expect(formatPlan(plan)).toContain("bank mode   single;");
  });

  it("cuts pages too where the layout shows larger ones", () => {
    const l4r5 = rom([
      "@Internal Flash  /0x08000000/512*0004Kg",
      "@Option Bytes  /0x1FF00000/01*040 e",
    ]);
    const page = (bankMode: "single" | "dual") =>
      flashGeometry({ descriptors: l4r5, bankMode })[0]?.size;
    expect([page("single"), page("dual")]).toEqual([8 * K, 4 * K]);
  });
});

describe("two banks", () => {
  const U575 = (pages: number) =>
    rom(
      [`@Internal Flash   /0x08000000/${pages}*08Kg`, "@Option Bytes   /0x40022040/01*64 e"],
      1024,
    );
  const F429 = rom([
    "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
    "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e",
  ]);
  const F767 = rom([
    "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
    "@Option Bytes  /0x1FFF0000/01*048 e",
  ]);
  const flash = (options: Parameters<typeof flashGeometry>[0]) => {
    const sectors = flashGeometry(options).filter(({ flashable }) => flashable);
    const ends = sectors
      .filter(({ address, size }) => sectors.every((next) => next.address !== address + size))
      .map(({ address, size }) => (address + size - BASE) / K);
    return { count: sectors.length, ends };
  };

  it.each([
    ["STM32U575ZG", U575(256), 128, [1024]],
    ["STM32U585AI", U575(256), 256, [2048]],
    ["STM32U575ZG", U575(128), 128, [1024]],
    ["STM32H743ZG", H743, 8, [512, 1536]],
    ["STM32H743ZI", H743, 16, [2048]],
    ["STM32F429ZG", F429, 12, [1024]],
  ])("of %s are contiguous or not, whatever the layout shows", (chip, descriptors, count, ends) => {
    expect(flash({ descriptors, chip })).toEqual({ count, ends });
  });

  it("are as the bank mode says: a gap, other sectors, and where nobody knows it what is flash in both modes", () => {
    const G474RC = { descriptors: G474, chip: "STM32G474RC" };
    expect(flash(G474RC)).toEqual({ count: 64, ends: [128] });
    expect(flash({ ...G474RC, bankMode: "single" })).toEqual({ count: 64, ends: [256] });
    expect(flash({ ...G474RC, bankMode: "dual" })).toEqual({ count: 128, ends: [128, 384] });
    expect(() => planOf({ ...G474RC, image: imageAt([BASE + 130 * K, K]) })).toThrow(
      "with its bank mode named",
    );
    const F429ZG = { descriptors: F429, chip: "STM32F429ZG" };
    const sizes = (bankMode: "single" | "dual", options = F429ZG) =>
      flashGeometry({ ...options, bankMode })
        .filter(({ flashable }) => flashable)
        .map(({ size }) => size / K);
    const bank = [16, 16, 16, 16, 64];
    expect(sizes("single")).toEqual([...bank, ...Array(7).fill(128)]);
    expect(sizes("dual")).toEqual([...bank, 128, 128, 128, ...bank, 128, 128, 128]);
    const F767ZI = { descriptors: F767, chip: "STM32F767ZI" };
    expect(sizes("single", F767ZI)).toEqual([32, 32, 32, 32, 128, ...Array(7).fill(256)]);
    expect(sizes("dual", F767ZI)).toHaveLength(24);
    // Sources disagree where the second bank of 1 MiB begins.
    expect(flash({ descriptors: F767, chip: "STM32F767ZG", bankMode: "dual" })).toEqual({
      count: 8,
      ends: [512],
    });
  });
});

describe("the picture of a plan", () => {
  const F407 = rom([
    "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
    "@Option Bytes  /0x1FFFC000/01*016 e",
  ]);
  it("shows seal, image, remainder, equal sectors once, and gaps", () => {
    const image = imageAt([BASE, 56 * K], [BASE + 256 * K, 64 * K]);
    const lines = (remainder: "discard" | "preserve" | "refuse") =>
      planPicture(planOf({ descriptors: F407, image, remainder }));
    expect(lines("discard")).toEqual([
      `0x08000000 |S${"#".repeat(31)}|`,
      `0x08004000 |${"#".repeat(32)}| × 2`,
      `0x0800c000 |${"#".repeat(16)}${".".repeat(16)}|`,
      "...",
      `0x08040000 |${"#".repeat(16)}${".".repeat(16)}|`,
    ]);
    expect(lines("preserve")[2]).toContain(`#${"=".repeat(16)}|`);
    expect(lines("refuse")[2]).toContain(`#${"?".repeat(16)}|`);
  });

  it("ends where it would be none any more", () => {
    const parts = Array.from(
      { length: 40 },
      (_, at) => [BASE + at * 2 * K, 64 * (at + 1)] as const,
    );
    const lines = planPicture(planOf({ descriptors: G474, image: imageAt(...parts) }));
    expect(lines.at(-1)).toMatch(/^\(\d+ rows more\)$/);
    expect(lines.length).toBeLessThan(30);
  });
});
