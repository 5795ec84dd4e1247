import { describe, expect, it } from "vitest";
import type { Part } from "../parts/part.ts";
import { PARTS } from "../parts/parts.ts";
import { checkInFlash } from "./in-flash.ts";

const FLASH = 0x0800_0000;
const KIB = 1024;
const EEPROM = 0x0808_0000;

function part(alias: string): Part {
  const found = PARTS.find(({ aliases }) => aliases.includes(alias));
  if (found === undefined) throw new RangeError(alias);
  return found;
}
const f407 = part("F407");
const f746 = part("F746");
const l072 = part("L072");
const unknownSize: Part = { ...f407, layouts: [] };

const image = (...segments: readonly (readonly [address: number, bytes: number])[]) => ({
  segments: segments.map(([address, bytes]) => ({ address, data: new Uint8Array(bytes) })),
});

describe("an image for a class of parts", () => {
  it.each([
    ["from the first to the last byte", f407, image([FLASH, 1024 * KIB])],
    ["in several pieces", f407, image([FLASH, 4], [FLASH + 512 * KIB, 4])],
    ["in flash and data EEPROM", l072, image([FLASH, 4], [EEPROM, 6 * KIB])],
    ["in data EEPROM alone", l072, image([EEPROM + 8, 4])],
    [
      "of any length where no layout says where the flash ends",
      unknownSize,
      image([FLASH + 4096 * KIB, 4]),
    ],
    ["with nothing in it", f407, image()],
  ])("fits %s", (_, of, file) => {
    expect(() => checkInFlash(file, of)).not.toThrow();
  });

  it.each([
    [
      "below the flash",
      f407,
      image([0x1fff_0000, 4]),
      /0x1fff0000 to 0x1fff0003; the flash of STM32F407 is 0x08000000 to 0x080fffff at most$/,
    ],
    [
      "one byte beyond its end",
      f407,
      image([FLASH, 1024 * KIB + 1]),
      /covers 0x08000000 to 0x08100000/,
    ],
    [
      "in its second piece",
      f407,
      image([FLASH, 4], [0x2000_0000, 8]),
      /covers 0x20000000 to 0x20000007/,
    ],
    [
      "beyond the data EEPROM",
      l072,
      image([EEPROM + 6 * KIB - 4, 8]),
      /its data EEPROM 0x08080000 to 0x080817ff$/,
    ],
    [
      "at the alias at 0",
      f407,
      image([0, 64]),
      /at the flash's boot alias: a release needs it at the flash's own address, from 0x08000000$/,
    ],
    ["at the alias of the ITCM", f746, image([0x0020_0000, 64]), /at the flash's ITCM alias/],
    ["before the alias of the ITCM", f746, image([0x0010_0000, 64]), /at most$/],
    ["longer than the flash at its alias", f407, image([0, 2048 * KIB]), /at most$/],
    [
      "at an alias of a flash whose end is not known",
      unknownSize,
      image([0, 2048 * KIB]),
      /to its end at most.*boot alias/,
    ],
  ] as const)("is refused %s", (_, of, file, message) => {
    const refusal = expect.objectContaining({
      code: "image.does_not_fit",
      message: expect.stringMatching(message),
    });
    expect(() => checkInFlash(file, of)).toThrow(refusal);
  });
});
