// Flash that cannot be read, or that an erase does not blank as a whole.
import { eraseUnit, flashUnit, readUnit, verifyUnit } from "@flashline/dfu-core";
import { definePart, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const BEFORE = pattern(384, 9);
const f4 = { image: imageAt(pattern(300)), family: "F4" } as const;

describe("flash that cannot be read", () => {
  const torn = () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const io = bench({ part, before: pattern(200) });
    io.unit.flash.tear(BASE + 64, pattern(32, 5));
    return io;
  };

  it("is not verified: the sector is named", async () => {
    const { transport, clock } = torn();
    const report = await verifyUnit({
      transport,
      clock,
      image: imageAt(pattern(200)),
      family: "H7",
    });
    expect(report).toMatchObject({
      outcome: "FAIL",
      code: "flash.dirty",
      address: BASE + 64,
    });
  });

  it("is erased and written again where it is met while verifying what was written", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const { transport, clock, unit } = bench({ part, before: pattern(256, 9) });
    let torn = false;
    const report = await flashUnit({
      transport,
      clock,
      image: imageAt(pattern(200)),
      family: "H7",
      onEvent: (event) => {
        if (torn || event.event !== "progress" || event.phase !== "verify") return;
        torn = true;
        unit.flash.tear(BASE + 128, pattern(32, 5));
      },
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ code }) => code)).toContain("flash.dirty");
    expect(unit.flash.read(BASE, 200).data).toEqual(pattern(200));
    expect(unit.illegal).toEqual([]);
  });
});

describe("a sector that does not erase as a whole", () => {
  it("is found in the seal before anything else is erased", async () => {
    const { transport, clock, unit } = bench({
      before: BEFORE,
      faults: [parseFault("stuck=0x08000001/1").fault],
    });
    const report = await flashUnit({ ...f4, transport, clock });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.verify_mismatch", address: BASE });
    expect(report.detail).toContain("1 of 8 bytes");
    expect(unit.flash.read(BASE + 64, 320).data).toEqual(BEFORE.slice(64));
  });

  it("is erased when only the rest of it is not blank", async () => {
    const before = new Uint8Array(384).fill(0xff);
    before[380] = 0;
    const { transport, clock, unit } = bench({ before });
    const report = await flashUnit({ ...f4, transport, clock });
    // The sector of the seal always, and the last one; the two between are blank.
    expect(report).toMatchObject({ outcome: "PASS", erasedSectors: 2, skippedSectors: 2 });
    expect(unit.flash.read(BASE + 300, 84).data).toEqual(new Uint8Array(84).fill(0xff));
  });
});

describe("two memories at the same addresses", () => {
  const part = definePart({
    family: "F4",
    sectors: [[4, 64]],
    transferSize: 16,
    alternates: ["@Internal Flash  /0x08000000/04*064 g", "@Serial Flash  /0x08000000/02*128 g"],
  });
  const range = { address: BASE, length: 64, family: "F4" } as const;

  it.each([
    ["an erase", eraseUnit],
    ["a read", readUnit],
  ])("are one too many for %s that names none: nothing is sent", async (_, command) => {
    const { transport, clock, unit } = bench({ part, before: pattern(200) });
    const refused = await command({ transport, clock, ...range });
    expect(refused).toMatchObject({ outcome: "FAIL", code: "usage.alternate", touched: false });
    expect(refused.detail).toMatch(
      /^0x08000000 is in 2 memories .*alternate 0, Internal Flash; alternate 1, Serial Flash/,
    );
    expect(unit.counters.downloads).toBe(0);
    expect(unit.flash.read(BASE, 200).data).toEqual(pattern(200));
  });

  it("are told apart by the alternate", async () => {
    const { transport, clock, unit } = bench({ part, before: pattern(200) });
    const read = await readUnit({ transport, clock, ...range, alternate: 0 });
    expect(read).toMatchObject({ outcome: "PASS", data: pattern(200).subarray(0, 64) });
    const erased = await eraseUnit({ transport, clock, ...range, alternate: 0 });
    expect(erased).toMatchObject({ outcome: "PASS", erasedSectors: 1 });
    expect(unit.counters.erases).toBe(1);
    expect(unit.flash.read(BASE + 64, 136).data).toEqual(pattern(200).subarray(64));
  });
});
