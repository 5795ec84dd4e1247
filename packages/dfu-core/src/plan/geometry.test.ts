import { describe, expect, it } from "vitest";
import type { AlternateSetting, DeviceDescriptors } from "../protocol/descriptors.ts";
import { imageAt, planOf, rom } from "../testing/descriptors.ts";
import { unitGeometry } from "./geometry.ts";

const BASE = 0x08000000;
const FLASH = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg";
const OPTIONS = "@Option Bytes  /0x1FFFC000/01*016 e";

function withFlash(flash: Partial<AlternateSetting>, others = [OPTIONS]): DeviceDescriptors {
  const whole = rom([FLASH, ...others]);
  return {
    ...whole,
    alternates: whole.alternates.map((one) => (one.alternate === 0 ? { ...one, ...flash } : one)),
  };
}

describe("a flash whose string is not whole", () => {
  it.each([
    ["empty", { name: "" }, "the string of alternate 0 is empty"],
    [
      "not sent",
      { name: "", cut: { received: 0, announced: 0 } },
      "the string of alternate 0 could not be read",
    ],
    [
      "cut in a number",
      { name: "@Internal Flash  /0x08000000/04*0", cut: { received: 68, announced: 114 } },
      "the string of alternate 0 was cut: 68 of 114 bytes came",
    ],
  ])("%s: the string is named, and the image is not blamed", (_, flash, why) => {
    const descriptors = withFlash(flash);
    const { missing, memories } = unitGeometry({ descriptors });
    expect(missing?.why).toBe(why);
    expect(memories.map(({ name }) => name)).toEqual(["Option Bytes"]);
    expect(() => planOf({ descriptors, image: imageAt([BASE, 64]) })).toThrow(
      expect.objectContaining({ code: "device.layout", message: expect.stringContaining(why) }),
    );
  });

  it("cut between two runs: what came counts, and beyond it the string is named", () => {
    const name = "@Internal Flash  /0x08000000/04*016Kg,";
    const descriptors = withFlash({ name, cut: { received: 78, announced: 114 } });
    expect(planOf({ descriptors, image: imageAt([BASE, 0x8000]) }).sectors).toHaveLength(2);
    expect(() => planOf({ descriptors, image: imageAt([BASE + 0x10000, 64]) })).toThrow(
      expect.objectContaining({
        code: "device.layout",
        message: expect.stringContaining("78 of 114 bytes came"),
      }),
    );
  });

  it("leaves the image to blame where another memory's string is the missing one", () => {
    const descriptors = withFlash({}, [OPTIONS, ""]);
    expect(unitGeometry({ descriptors }).unread.map(({ alternate }) => alternate)).toEqual([2]);
    expect(() => planOf({ descriptors, image: imageAt([BASE + 0x100000, 64]) })).toThrow(
      expect.objectContaining({
        code: "image.does_not_fit",
        message: expect.stringContaining("the unit has 0x08000000 to 0x080fffff (Internal Flash)"),
      }),
    );
  });
});

describe("a device of plain DFU 1.1", () => {
  const plain = (dfuVersion: number, name: string): DeviceDescriptors => {
    const one = rom([name]);
    return { ...one, functional: one.functional && { ...one.functional, dfuVersion } };
  };

  it("is named as such, and its strings are not taken for broken layouts", () => {
    expect(() => unitGeometry({ descriptors: plain(0x0110, "Upload to Flash 0x8002000") })).toThrow(
      expect.objectContaining({ code: "device.not_dfuse" }),
    );
  });

  it("is not one that describes its memory, whatever version it announces", () => {
    expect(unitGeometry({ descriptors: plain(0x0110, FLASH) }).sectors).toHaveLength(12);
    expect(() => unitGeometry({ descriptors: plain(0x011a, "Flash") })).toThrow(
      expect.objectContaining({ code: "device.layout" }),
    );
  });
});

describe("what is known of a unit's memories", () => {
  it("is cut to the product's size, and its zones end where a bank does", () => {
    const h743 = rom(
      ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
      1024,
    );
    const [flash, options] = unitGeometry({ descriptors: h743, chip: "STM32H743ZG" }).memories;
    expect(flash).toMatchObject({ alternate: 0, name: "Internal Flash", flashable: true });
    expect(flash?.zones.map(({ address, sectors }) => [address, sectors[0]?.count])).toEqual([
      [0x08000000, 4],
      [0x08100000, 4],
    ]);
    expect(options).toMatchObject({ alternate: 1, flashable: false });
  });

  it("says how much only the bank mode tells", () => {
    const g474 = rom(
      ["@Internal Flash   /0x08000000/256*02Kg", "@Option Bytes   /0x1FFF7800/01*048 e"],
      1024,
    );
    const of = { descriptors: g474, chip: "STM32G474RC" };
    expect(unitGeometry(of).untoldBytes).toBe(128 * 1024);
    expect(unitGeometry({ ...of, bankMode: "single" }).untoldBytes).toBe(0);
  });
});
