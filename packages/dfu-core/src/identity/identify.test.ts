import { describe, expect, it } from "vitest";
import { eraseTime, FAMILIES, programTime, UNKNOWN_FAMILY } from "../parts/families.ts";
import { rom } from "../testing/descriptors.ts";
import { chipClassMatches, identify } from "./identify.ts";

const F407 = rom([
  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
  "@Option Bytes  /0x1FFFC000/01*016 e",
]);

describe("who a unit is", () => {
  it("is said with the evidence, also where nobody knows it", () => {
    expect(identify(F407)).toMatchObject({ chip: "STM32F407", match: "class" });
    const strange = identify(rom(["@Internal Flash  /0x08000000/3*001Kg"]));
    expect(strange).toMatchObject({ chip: "Internal Flash", match: "none", family: undefined });
    expect(strange.evidence).toContain("no option-bytes alternate");
    const nothing = identify({ ...rom(["?"]), functional: undefined });
    expect(nothing).toMatchObject({ chip: "unknown", match: "none" });
    expect(nothing.evidence).toContain("wTransferSize missing");
  });

  it("names no family where the class has products of several", () => {
    const shared = rom(
      ["@Internal Flash   /0x08000000/64*02Kg", "@Option Bytes   /0x1FFF7800/01*40Be"],
      1024,
    );
    const { candidates, family } = identify(shared);
    expect(candidates.map((part) => part.family)).toEqual(["G4", "G0"]);
    expect(family?.granule).toBe(8);
    expect(chipClassMatches("STM32G071RB", shared).part?.family).toBe("G0");
    expect(chipClassMatches("STM32G4", shared).part?.family).toBe("G4");
  });

  it.each([
    [
      "STM32WB55RG",
      ["@Internal Flash   /0x08000000/256*04Kg", "@Option Bytes   /0x1FFF8000/01*128 e"],
      8,
    ],
    [
      "STM32U083CC",
      ["@Internal Flash    /0x08000000/128*02Kg", "@OB Bytes          /0x40022020/01*136 e"],
      8,
    ],
    [
      "STM32U575ZG",
      ["@Internal Flash   /0x08000000/128*08Kg", "@Option Bytes   /0x40022040/01*64 e"],
      16,
    ],
    [
      "STM32H563ZI",
      ["@Internal Flash   /0x08000000/256*08Kg", "@Option Bytes   /0x40022050/01*432 e"],
      16,
    ],
    ["STM32G0B1CB", Array(3).fill("@Internal Flash   /0x08000000/64*02Kg"), 8],
  ])("matches %s by what its ROM shows", (chip, names, granule) => {
    const descriptors = rom(names, 1024);
    const { part } = chipClassMatches(chip, descriptors);
    expect(part && FAMILIES[part.family]).toMatchObject({ granule, ecc: true, erasedValue: 0xff });
    expect(identify(descriptors).candidates).toEqual([part]);
  });

  it("takes a class whose option bytes nobody published for no other one, and none without them", () => {
    const flash = "@Internal Flash   /0x08000000/256*08Kg";
    const shown = rom([flash, "@Option Bytes   /0x40022040/01*64 e"], 1024);
    expect(identify(shown).chip).toBe("STM32U575");
    expect(identify(rom([flash], 1024)).match).toBe("none");
  });

  it("believes no RDP byte where classes that look alike have other keys", () => {
    const alike = rom([
      "@Internal Flash  /0x08000000/128*002Kg",
      "@Option Bytes  /0x1FFFF800/01*016 g",
    ]);
    const { candidates, family } = identify(alike);
    expect(candidates.map((part) => part.family)).toEqual(["F1", "F3"]);
    expect(family).toMatchObject({ granule: 2, readProtection: { offset: undefined } });
    expect(FAMILIES.F1.readProtection.offset).toBe(0);
  });

  it("is never a class that the table lacks", () => {
    expect(chipClassMatches("F4", F407).matches).toBe(true);
    for (const wanted of ["F40", "STM32H743", "", "STM32"]) {
      expect(chipClassMatches(wanted, F407).matches).toBe(false);
    }
    const strange = rom(["@Internal Flash  /0x08000000/3*001Kg"]);
    expect(chipClassMatches("F407", strange).evidence).toContain("an unknown class");
  });
});

it("every family has times for every sector, and a maximum above the typical", () => {
  for (const family of [...Object.values(FAMILIES), UNKNOWN_FAMILY]) {
    for (const size of [128, 2048, 16 * 1024, 64 * 1024, 256 * 1024]) {
      const { typicalMs, maximumMs } = eraseTime(family, size);
      expect(maximumMs).toBeGreaterThanOrEqual(typicalMs);
    }
    expect(programTime(family, 1024, "maximum")).toBeGreaterThanOrEqual(programTime(family, 1024));
    expect(programTime(family, 1)).toBeGreaterThan(0);
  }
});
