import { describe, expect, it } from "vitest";
import { decodeOptions, encodeOptions, type OptionBlocks } from "./codec.ts";
import { F4_OPTIONS, F42X_OPTIONS } from "./families/f4.ts";
import { G4_OPTIONS } from "./families/g4.ts";
import { L5_OPTIONS } from "./families/l5.ts";
import type { OptionSchema } from "./schema.ts";
import { differences, neededConfirmations, parseSettings } from "./values.ts";

/** Option bytes that hold these values and zeros otherwise. */
const holding = (schema: OptionSchema, values: Readonly<Record<string, number>>): OptionBlocks =>
  encodeOptions(
    schema,
    schema.zones.map(() => new Uint8Array(128)),
    new Map(Object.entries(values)),
  );

describe("RDP", () => {
  const blocks = holding(F4_OPTIONS, { RDP: 0x12 });

  it("is compared by its level: every value but two means level 1", () => {
    expect(differences(F4_OPTIONS, blocks, new Map([["RDP", 0xbb]]))).toEqual([]);
    expect(differences(F4_OPTIONS, blocks, new Map([["RDP", 0xaa]]))).toEqual([
      "RDP is level 1, not 0",
    ]);
    const half = holding(L5_OPTIONS, { RDP: 0x55 });
    expect(differences(L5_OPTIONS, half, new Map([["RDP", 0xaa]]))).toEqual([
      "RDP is level 0.5, not 0",
    ]);
  });

  it("is given as a level or as its byte", () => {
    const value = (schema: OptionSchema, RDP: string) =>
      parseSettings(schema, holding(schema, {}), { RDP }).get("RDP");
    expect(["0", "1", "2", "0xCC"].map((level) => value(F4_OPTIONS, level))).toEqual([
      0xaa, 0xbb, 0xcc, 0xcc,
    ]);
    expect(value(L5_OPTIONS, "0.5")).toBe(0x55);
    for (const level of ["0.5", "3", "0x100", "187"]) {
      expect(() => value(F4_OPTIONS, level), level).toThrow(
        expect.objectContaining({ code: "options.value" }),
      );
    }
    expect(() => value(F4_OPTIONS, "3")).toThrow("RDP=3 is not a level: 0, 1 or 2");
    expect(() => value(L5_OPTIONS, "3")).toThrow("RDP=3 is not a level: 0, 0.5, 1 or 2");
  });
});

describe("what is for ever needs its own word", () => {
  const needed = (is: Readonly<Record<string, number>>, change: Readonly<Record<string, number>>) =>
    neededConfirmations(G4_OPTIONS, holding(G4_OPTIONS, is), new Map(Object.entries(change)));

  it("RDP 1 beside a BOOT_LOCK that is set already, or is set with it", () => {
    expect(needed({ RDP: 0xaa, BOOT_LOCK: 1 }, { RDP: 0xbb })).toEqual(["boot-lock"]);
    expect(needed({ RDP: 0xaa }, { RDP: 0xbb, BOOT_LOCK: 1 })).toEqual(["boot-lock"]);
    expect(needed({ RDP: 0xaa, BOOT_LOCK: 1 }, { RDP: 0xcc })).toEqual(["rdp2", "boot-lock"]);
  });

  it("and no other word where they do not come together, or nothing changes", () => {
    expect(needed({ RDP: 0xaa }, { RDP: 0xbb })).toEqual([]);
    expect(needed({ RDP: 0xaa, BOOT_LOCK: 1 }, { RDP: 0xbb, BOOT_LOCK: 0 })).toEqual(["boot-lock"]);
    expect(needed({ RDP: 0xbb, BOOT_LOCK: 1 }, { RDP: 0xbb, BOOT_LOCK: 1 })).toEqual([]);
  });
});

it("a unit that shows the first of two blocks shows that block's options, and takes no others", () => {
  const [first = new Uint8Array()] = holding(F42X_OPTIONS, { BOR_LEV: 2 });
  const shown = decodeOptions(F42X_OPTIONS, [first]).map(({ name }) => name);
  expect(shown).toContain("BOR_LEV");
  expect(shown).not.toContain("nWRP2");
  expect(() => parseSettings(F42X_OPTIONS, [first], { nWRP2: 0 })).toThrow(
    expect.objectContaining({ code: "options.value" }),
  );
});
