import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROFILES } from "../pacing/profiles.ts";
import { imageAt, rom } from "../testing/descriptors.ts";
import { formatPlan } from "./format.ts";
import { planFlash } from "./plan-flash.ts";

const BASE = 0x08000000;
const F407 = rom([
  "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
  "@Option Bytes  /0x1FFFC000/01*016 e",
]);
const plan = (options: Partial<Parameters<typeof planFlash>[0]> = {}) =>
  planFlash({
    image: imageAt([BASE, 20_000]),
    descriptors: F407,
    profile: PROFILES.standard,
    ...options,
  });
const refusal = (wanted: string) => expect.objectContaining({ code: wanted });

describe("planFlash", () => {
  it("erases the sectors that are touched and writes whole granules", () => {
    expect(plan({ image: imageAt([BASE + 1, 20_000]) })).toMatchObject({
      chip: "STM32F407",
      family: "F4",
      sectors: [
        { address: BASE, size: 16384, erase: "skip-if-unchanged", remainder: 1 },
        { address: BASE + 16384, size: 16384, erase: "skip-if-blank" },
      ],
      runs: [{ address: BASE, length: 20_004, alternate: 0 }],
      seal: { address: BASE, length: 8 },
      transferSize: 2048,
    });
  });

  it("joins parts of an image that share a granule", () => {
    const h7 = rom(
      ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
      1024,
    );
    expect(plan({ descriptors: h7, image: imageAt([BASE, 3], [BASE + 30, 3]) })).toMatchObject({
      chip: "STM32H743",
      granule: 32,
      runs: [{ address: BASE, length: 64 }],
      seal: { address: BASE, length: 32 },
    });
  });

  it("skips nothing after an interrupted attempt and believes no blank of an ECC family", () => {
    const kinds = (options: Parameters<typeof plan>[0]) =>
      plan(options).sectors.map((sector) => sector.erase);
    expect(kinds({ knownDirty: true })).toEqual(["erase", "erase"]);
    const g0 = rom(["@Internal Flash /0x08000000/256*02Kg"], 1024);
    expect(new Set(kinds({ descriptors: g0 }))).toEqual(new Set(["skip-if-unchanged"]));
  });

  it.each([
    ["image.does_not_fit", { image: imageAt([BASE + 1024 * 1024 - 4, 8]) }],
    ["image.does_not_fit", { image: imageAt([0x20000000, 8]) }],
    ["image.does_not_fit", { image: imageAt([BASE, 20_000]), flashSize: 16_384 }],
    ["image.read_only", { image: imageAt([0x1fffc000, 8]) }],
    ["image.read_only", { descriptors: rom(["@Flash /0x08000000/12*001Ka,116*001Kg"]) }],
    ["device.layout", { descriptors: rom(["@Internal Flash /0x08000000/???*08Kg"]) }],
    ["device.not_dfu", { descriptors: rom([]) }],
    ["image.empty", { image: { ...imageAt([BASE, 4]), segments: [] } }],
    [
      "device.protocol",
      { descriptors: rom(["@Internal Flash   /0x08000000/16*128Kg"], 16), family: "H7" as const },
    ],
    ["device.wrong_chip", { chip: "STM32F072" }],
    ["device.not_dfu", { descriptors: { ...F407, functional: undefined } }],
    ["device.wrong_chip", { chip: "STM32F999" }],
  ])("refuses with %s", (wanted, options) => {
    expect(() => plan(options)).toThrow(refusal(wanted));
  });

  it.each(["STM32F407", "F405RG", "stm32f417ig", "STM32F4"])(
    "takes %s for the class that shows this layout",
    (chip) => {
      expect(plan({ chip }).chip).toBe("STM32F407");
    },
  );

  it("uses the strictest rules where no part matches", () => {
    const strange = plan({ descriptors: rom(["@Internal Flash /0x08000000/50*001Kg"]) });
    expect(strange).toMatchObject({ family: "unknown", granule: 32 });
    expect(strange.warnings.join()).toContain("no known part");
    expect(formatPlan(strange)).toMatch(/^warning {5}.*no known part/m);
  });

  it("goes over zones with a gap between them, but not into it", () => {
    const daisy = rom(["@Flash /0x90000000/64*4Kg/0x90400000/60*64Kg"]);
    const both = plan({ descriptors: daisy, image: imageAt([0x90000000, 100], [0x90400000, 100]) });
    expect(both.sectors.map((sector) => sector.size)).toEqual([4096, 65536]);
    expect(() => plan({ descriptors: daisy, image: imageAt([0x9003fff0, 64]) })).toThrow(
      refusal("image.does_not_fit"),
    );
  });

  it("is printed for a person", () => {
    const text = formatPlan(plan());
    expect(text).toContain("chip        STM32F407");
    expect(text).toContain(
      "0x08004000 16 KiB, alternate 0: skip-if-blank, 12768 bytes not covered",
    );
    expect(text).toContain("written last");
  });

  it("covers every byte of the image with runs of whole granules inside the planned sectors", () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 1, max: 5000 }));
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("F0", "F4", "L4", "H7"),
        (parts, family) => {
          const made = imageAt(
            ...parts.map(([offset, length]) => [BASE + offset, length] as const),
          );
          const result = plan({ image: made, family });
          for (const { address, length } of result.runs) {
            expect(address % result.granule).toBe(0);
            expect(length % result.granule).toBe(0);
          }
          for (const { address, data } of made.segments) {
            const run = result.runs.find(
              (entry) => entry.address <= address && address < entry.address + entry.length,
            );
            expect(run && run.address + run.length).toBeGreaterThanOrEqual(address + data.length);
          }
          const bytes = result.sectors.reduce(
            (sum, sector) => sum + sector.size - sector.remainder,
            0,
          );
          expect(bytes).toBe(made.bytes);
        },
      ),
    );
  });
});
