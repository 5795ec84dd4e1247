import { PROFILE_NAMES } from "@flashline/dfu-core";
import { definePart, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const f4 = { image: imageAt(DATA), family: "F4" } as const;

describe("a healthy unit", () => {
  it.each(PROFILE_NAMES)("passes with profile %s and holds the image", async (profile) => {
    const { flash, unit, destructive } = bench({ before: pattern(384, 9) });
    const report = await flash({ ...f4, profile });
    expect(report).toMatchObject({
      outcome: "PASS",
      bytes: 300,
      linkIncident: false,
      incidents: [],
    });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    expect(unit.illegal).toEqual([]);
    expect(destructive).toEqual([]);
  });

  it.each(["f072", "f107", "f407", "f429", "l072", "l476", "g0b1", "g0b1xb", "h743", "u585"])(
    "passes as %s without a legal complaint, whatever it held before",
    async (name) => {
      const part = partByName(name);
      const data = pattern(5001);
      const { flash, unit } = bench({ part, before: pattern(20_000, 3) });
      const report = await flash({ image: imageAt(data) });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(unit.flash.read(BASE, data.length).data).toEqual(data);
      expect(unit.illegal).toEqual([]);
    },
  );

  it("is not written again when it holds the image, and that one read is the verification", async () => {
    const { flash, unit } = bench({ before: DATA });
    const report = await flash(f4);
    expect(report).toMatchObject({ outcome: "PASS", bytes: 300, erasedSectors: 0, touched: false });
    expect(unit.counters).toMatchObject({ erases: 0, programs: 0 });
  });

  it("is not erased where it is blank, but for the sector that is sealed", async () => {
    const { flash, unit } = bench();
    expect(await flash(f4)).toMatchObject({ outcome: "PASS", erasedSectors: 1, skippedSectors: 3 });
    expect(unit.counters.erases).toBe(1);
  });

  it("is erased everywhere before anything is read after an interrupted attempt", async () => {
    const { flash, unit } = bench({ before: DATA });
    const order: string[] = [];
    unit.onTransfer((setup, data) => {
      if (setup.request === 2 && setup.value >= 2) order.push("read");
      if (setup.request === 1 && data[0] === 0x41 && setup.value === 0) order.push("erase");
    });
    expect(await flash({ ...f4, knownDirty: true })).toMatchObject({ outcome: "PASS" });
    // The one read before the last erase is of the seal, in the sector that was erased first.
    expect(order.slice(0, 5)).toEqual(["erase", "read", "erase", "erase", "erase"]);
  });

  it("keeps erased sectors of ECC families out of doubt: no blank one is skipped", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const { flash, unit } = bench({ part });
    expect(await flash({ image: imageAt(pattern(200)), family: "H7" })).toMatchObject({
      outcome: "PASS",
      erasedSectors: 4,
    });
    expect(unit.illegal).toEqual([]);
  });

  it("has its first granule written last", async () => {
    const { flash, unit } = bench();
    const written: number[] = [];
    let pointer = 0;
    unit.onTransfer((setup, data) => {
      if (setup.request !== 1) return;
      if (setup.value === 0 && data[0] === 0x21) {
        pointer = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
      }
      if (setup.value >= 2) written.push(pointer + (setup.value - 2) * 16);
    });
    await flash(f4);
    expect(written.at(-1)).toBe(BASE);
    expect(written.filter((address) => address === BASE)).toHaveLength(1);
  });

  it("leaves to the application when asked", async () => {
    const part = partByName("f072");
    const vectors = new Uint8Array(2048);
    new DataView(vectors.buffer).setUint32(0, 0x20001000, true);
    new DataView(vectors.buffer).setUint32(4, BASE + 0x101, true);
    const { flash, unit } = bench({ part });
    const report = await flash({ image: imageAt(vectors), leave: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(unit.mode).toBe("application");
  });
});
