import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { totalSize } from "../flash/sectors.ts";
import { definePart, FAMILY_NAMES, family, PARTS, partByName } from "./index.ts";

/** Sectors that a layout string announces, read the simplest way: N*SIZE{multiplier}. */
function announced(layout: string): number[] {
  const zones = layout.split("/")[2] ?? "";
  return zones.split(",").flatMap((zone) => {
    const match = /^(\d+)\*(\d+)([ BKM]?)[a-g]$/.exec(zone);
    const size = Number(match?.[2]) * (match?.[3] === "K" ? 1024 : 1);
    return Array.from({ length: Number(match?.[1]) }, () => size);
  });
}

describe("parts", () => {
  it.each(PARTS.map((part) => [part.name, part] as const))(
    "%s: geometry, layout string, transfer size and granule agree",
    (_, part) => {
      const sectors = part.flash.sectors.flatMap(([count, size]) => Array(count).fill(size));
      expect(announced(part.alternates[0] ?? "")).toEqual(sectors);
      const { granule } = family(part.family);
      expect(part.usb.transferSize % granule).toBe(0);
      expect(sectors.every((size) => size % granule === 0)).toBe(true);
      expect(part.source).not.toBe("");
    },
  );

  it("says in its guide what of each part nobody has published", () => {
    const guide = readFileSync(
      new URL("../../../../docs/virtual-stm32.md", import.meta.url),
      "utf8",
    );
    for (const { name, invented } of PARTS) {
      const row = guide.split("\n").find((line) => line.startsWith(`| \`${name}\` `)) ?? "";
      const unconfirmed = invented.filter((text) => /string|serial/.test(text)).join("; ");
      expect(row).toContain(unconfirmed === "" ? "as published" : `unconfirmed: ${unconfirmed}`);
    }
  });

  it("names each part once and finds it by its longer names", () => {
    expect(new Set(PARTS.map(({ name }) => name)).size).toBe(PARTS.length);
    expect(partByName("STM32F407")).toBe(partByName("f407"));
    expect(() => partByName("f999")).toThrow(/known: f407/);
  });

  it("figures the chip's own time for 384 KiB on F405 at 5.1 s", () => {
    const f4 = family("F4");
    const erase = [16, 16, 16, 16, 64, 128, 128].reduce(
      (sum, size) => sum + f4.erase(size * 1024).typical,
      0,
    );
    const program = ((384 * 1024) / f4.programUnit) * f4.program.typical;
    expect((erase + program) / 1000).toBeCloseTo(5.1, 1);
  });

  it.each(FAMILY_NAMES)("family %s: maximum is never below typical", (name) => {
    const rules = family(name);
    expect(rules.program.maximum).toBeGreaterThanOrEqual(rules.program.typical);
    for (const size of [128, 2048, 16_384, 131_072]) {
      expect(rules.erase(size).maximum).toBeGreaterThanOrEqual(rules.erase(size).typical);
    }
  });
});

describe("definePart", () => {
  it("writes the layout string of any geometry", () => {
    const part = definePart({
      family: "F4",
      sectors: [
        [2, 16],
        [1, 2048],
      ],
    });
    expect(part.alternates).toEqual(["@Internal Flash  /0x08000000/02*016 g,01*002Kg"]);
    expect(totalSize(part.flash.sectors)).toBe(2080);
  });

  it("refuses sectors that are no whole granules", () => {
    expect(() => definePart({ family: "H7", sectors: [[2, 16]] })).toThrow(/granule of 32/);
  });
});

describe("a part with another DFU version than DfuSe's", () => {
  const named = (...alternates: string[]) =>
    definePart({ family: "F1", sectors: [[64, 1024]], alternates, usb: { dfuVersion: 0x0110 } });

  it("speaks plain DFU 1.1 where its strings say", () => {
    const part = named("ERROR. Upload to RAM not supported.", "Upload to Flash 0x8002000");
    expect(part.plain).toEqual([undefined, 0x2000]);
    expect(named("firmware").plain).toEqual([0]);
  });

  it("is DfuSe with its own version", () => {
    expect(definePart({ family: "F1", sectors: [[64, 1024]] }).plain).toBeUndefined();
  });
});
