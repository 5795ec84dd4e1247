import { describe, expect, it } from "vitest";
import { imageAt, planOf, rom } from "../testing/descriptors.ts";

/** A module's own bootloader: its alternates 1 and 2 are two memories that both begin at 0. */
const MODULE = rom(
  [
    "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
    "@DCT Flash   /0x00000000/01*016Kg",
    "@Serial Flash   /0x00000000/256*004Kg",
  ],
  4096,
);

describe("a unit with several memories at the same addresses", () => {
  it("is refused where nobody said which one is meant", () => {
    expect(() => planOf({ descriptors: MODULE, image: imageAt([0x100, 4]) })).toThrow(
      expect.objectContaining({
        code: "usage.alternate",
        message: expect.stringMatching(
          /^0x00000100 is in 2 memories of the unit \(alternate 1, DCT Flash; alternate 2, Serial Flash\)/,
        ),
      }),
    );
  });

  it.each([
    [1, 16_384],
    [2, 4096],
  ])("is planned for alternate %i when that is named", (alternate, size) => {
    const { sectors, runs } = planOf({ descriptors: MODULE, image: imageAt([0, 4]), alternate });
    expect(sectors).toMatchObject([{ address: 0, size, alternate }]);
    expect(runs).toMatchObject([{ alternate }]);
  });

  it("needs no name where only one memory has the addresses", () => {
    const flash = planOf({ descriptors: MODULE, image: imageAt([0x0800c000, 4]) });
    expect(flash.sectors).toMatchObject([{ alternate: 0 }]);
    const serial = planOf({ descriptors: MODULE, image: imageAt([0x4000, 4]) });
    expect(serial.sectors).toMatchObject([{ address: 0x4000, alternate: 2 }]);
  });

  it("keeps to the named memory, and knows its alternates", () => {
    const image = imageAt([0x0800c000, 4]);
    expect(() => planOf({ descriptors: MODULE, image, alternate: 2 })).toThrow(
      expect.objectContaining({
        code: "image.does_not_fit",
        message: expect.stringContaining("the unit has 0x00000000 to 0x000fffff (Serial Flash)"),
      }),
    );
    expect(() => planOf({ descriptors: MODULE, image, alternate: 7 })).toThrow(
      expect.objectContaining({ code: "usage.argument" }),
    );
  });

  it("is not one whose alternates repeat one string", () => {
    const g0 = rom(Array(3).fill("@Internal Flash   /0x08000000/256*02Kg"), 1024);
    const { sectors } = planOf({ descriptors: g0, image: imageAt([0x08000000, 8]) });
    expect(sectors).toMatchObject([{ alternate: 0 }]);
  });
});
