import { describe, expect, it } from "vitest";
import { family } from "../parts/index.ts";
import { createRandom } from "../random.ts";
import { BASE, bytes } from "../testing/host.ts";
import { NorFlash } from "./nor-flash.ts";

const flashOf = (name: Parameters<typeof family>[0]): NorFlash =>
  new NorFlash(
    {
      base: BASE,
      sectors: [
        [2, 64],
        [1, 128],
      ],
    },
    family(name),
    createRandom(7),
  );
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const at = (flash: NorFlash, address: number, length: number): number[] => [
  ...flash.read(address, length).data,
];

describe("a second program of one granule", () => {
  it("F4: clears further bits and never sets one", () => {
    const flash = flashOf("F4");
    flash.program(BASE, Uint8Array.of(0xf0));
    expect(flash.program(BASE, Uint8Array.of(0x3f))).toBe("ok");
    expect(at(flash, BASE, 2)).toEqual([0x30, 0xff]);
  });

  it("F0: is an error, except with 0x0000", () => {
    const flash = flashOf("F0");
    flash.program(BASE, Uint8Array.of(0x12, 0x34));
    expect(flash.program(BASE, Uint8Array.of(0x10, 0x34))).toBe("error");
    expect(at(flash, BASE, 2)).toEqual([0x12, 0x34]);
    expect(flash.program(BASE, Uint8Array.of(0, 0))).toBe("ok");
    expect(at(flash, BASE, 2)).toEqual([0, 0]);
  });

  it("L0: erased is 0x00 and a word that is not zero is refused; L1 sets further bits", () => {
    const l0 = flashOf("L0");
    expect(at(l0, BASE, 4)).toEqual([0, 0, 0, 0]);
    l0.program(BASE, bytes(4));
    expect(l0.program(BASE, bytes(4, 9))).toBe("error");
    const l1 = flashOf("L1");
    l1.program(BASE, Uint8Array.of(1, 0, 0, 0));
    expect(l1.program(BASE, Uint8Array.of(2, 0, 0, 0))).toBe("ok");
    expect(at(l1, BASE, 1)).toEqual([3]);
  });

  it.each(["L4", "G0", "G4", "U5"] as const)("%s: is refused even over all 0xFF", (name) => {
    const flash = flashOf(name);
    const { granule } = flash.rules;
    expect(flash.program(BASE, filled(granule, 0xff))).toBe("ok");
    expect(flash.program(BASE, bytes(granule))).toBe("error");
    flash.eraseAt(BASE);
    expect(flash.program(BASE, bytes(granule))).toBe("ok");
  });

  it("H7: destroys the word; reading it faults until the sector is erased", () => {
    const flash = flashOf("H7");
    flash.program(BASE, filled(32, 0xff));
    expect(flash.program(BASE, bytes(32))).toBe("twice");
    expect(flash.read(BASE + 16, 4).faultAt).toBe(BASE);
    expect(flash.read(BASE + 32, 4).faultAt).toBeUndefined();
    flash.eraseAt(BASE + 63);
    expect(flash.read(BASE, 64)).toEqual({ data: filled(64, 0xff), faultAt: undefined });
  });

  it("refuses what does not start or end on a granule", () => {
    const flash = flashOf("G4");
    expect(flash.program(BASE + 4, bytes(8))).toBe("unaligned");
    expect(flash.program(BASE, bytes(12))).toBe("unaligned");
  });
});

describe("sectors", () => {
  it("erases exactly the one that holds the address", () => {
    const flash = flashOf("F4");
    flash.program(BASE, filled(256, 0));
    flash.eraseAt(BASE + 64 + 63);
    expect([...flash.snapshot()]).toEqual([
      ...filled(64, 0),
      ...filled(64, 0xff),
      ...filled(128, 0),
    ]);
  });

  it("keeps a write protected one through erase, mass erase and program, without an error", () => {
    const flash = flashOf("F4");
    flash.program(BASE, filled(128, 0x55));
    flash.protectedSectors.add(0);
    flash.eraseAt(BASE);
    flash.eraseAll();
    expect(flash.program(BASE + 56, bytes(16))).toBe("ok");
    expect(at(flash, BASE, 64)).toEqual([...filled(64, 0x55)]);
    expect(at(flash, BASE + 64, 8)).toEqual([...bytes(8, 9)]);
  });

  it("reads stuck bits as stuck whatever is programmed", () => {
    const flash = flashOf("F4");
    flash.stuck.set(BASE + 3, [0x01, 0x00]);
    expect(at(flash, BASE + 2, 2)).toEqual([0xff, 0xfe]);
  });
});

describe("a power cut", () => {
  it("leaves an unreadable granule on ECC families and cells between 0 and 1 on the others", () => {
    const ecc = flashOf("G4");
    ecc.tear(BASE + 8, bytes(8));
    expect(ecc.read(BASE, 16).faultAt).toBe(BASE + 8);
    expect(ecc.read(BASE, 8).faultAt).toBeUndefined();

    const plain = flashOf("F4");
    for (let offset = 0; offset < 64; offset += 1) plain.tear(BASE + offset, Uint8Array.of(0));
    const reads = Array.from({ length: 20 }, () => at(plain, BASE, 64).join());
    expect(new Set(reads).size).toBeGreaterThan(1);
    plain.eraseAt(BASE);
    expect(at(plain, BASE, 64)).toEqual([...filled(64, 0xff)]);
  });
});
