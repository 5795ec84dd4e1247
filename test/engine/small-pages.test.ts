// Sectors smaller than a block share one: what that costs, and what a failure in the middle of it takes along.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest, wrapTransport } from "@flashline/dfu-core/protocol";
import {
  definePart,
  type Fault,
  parseFault,
  partByName,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bench, expectNothingUnasked, imageAt, pattern } from "./bench.ts";

const PAGE = 16;
const PAGES = 24;
const BLOCK = 64;
const SIZE = PAGE * PAGES;
const BASE = 0x08000000;
const ALL = Array.from({ length: PAGES }, (_, page) => page);
/** Granules of 4 and of 8 bytes; with ECC, what was lost cannot be told from what was half programmed. */
const PARTS = {
  F4: definePart({ family: "F4", sectors: [[PAGES, PAGE]], transferSize: BLOCK }),
  L4: definePart({ family: "L4", sectors: [[PAGES, PAGE]], transferSize: BLOCK }),
} as const;
const DATA = pattern(SIZE);
/** Bytes that are written last. */
const SEAL = 8;

/** Flashes small pages and lets something happen to the nth data block. */
async function flashPages(
  family: keyof typeof PARTS,
  nth: number,
  what: (unit: VirtualUnit) => void,
) {
  const io = bench({ part: PARTS[family], before: pattern(SIZE, 9) });
  const { unit, transport, clock, destructive } = io;
  const erased: number[] = [];
  /** Blocks by the pages that they touch. */
  const written: number[][] = [];
  /** The first granule was not blank before all else was there. */
  let sealedEarly = false;
  let pointer = 0;
  unit.onTransfer((setup, data) => {
    if (setup.request !== DfuRequest.Dnload || data.length === 0) return;
    if (setup.value === 0 && data.length === 5) {
      pointer = new DataView(data.buffer, data.byteOffset).getUint32(1, true) - BASE;
      if (data[0] === 0x41) erased.push(pointer / PAGE);
    }
    if (setup.value < 2) return;
    const at = pointer + (setup.value - 2) * BLOCK;
    const end = at + data.length;
    written.push(ALL.filter((page) => page * PAGE < end && at < (page + 1) * PAGE));
    const now = unit.flash.snapshot();
    if (!now.subarray(0, SEAL).every((byte) => byte === 0xff)) sealedEarly = true;
    if (at === 0 && Buffer.compare(now.subarray(SEAL, SIZE), DATA.subarray(SEAL)) !== 0) {
      sealedEarly = true;
    }
    if (written.length === nth) what(unit);
  });
  const image = imageAt(DATA);
  const report = await flashUnit({ transport, clock, image, family, profile: "fast" });
  expectNothingUnasked(unit, destructive);
  return { report, unit, erased, written, sealedEarly };
}

describe.each(["F4", "L4"] as const)("small pages of %s", (family) => {
  it("are written in whole blocks, each page erased once", async () => {
    const { report, erased, written } = await flashPages(family, 0, () => {});
    expect(report).toMatchObject({ outcome: "PASS", incidents: [] });
    expect(erased.toSorted((a, b) => a - b)).toEqual(ALL);
    // And the seal.
    expect(written.length).toBe(SIZE / BLOCK + 1);
  });

  it("are all erased again that a failed block touches, and no other", async () => {
    await fc.assert(
      // Before the second one nothing is there that tells the unit from a blank one: with ECC all is erased again.
      fc.asyncProperty(fc.integer({ min: 2, max: SIZE / BLOCK }), async (nth) => {
        const run = await flashPages(family, nth, (unit) => unit.unplug(200));
        expect(run.report.outcome).toBe("PASS");
        expect(run.unit.flash.snapshot().subarray(0, SIZE)).toEqual(DATA);
        const again = run.erased.filter((page, at) => run.erased.indexOf(page) !== at);
        expect(again.toSorted((a, b) => a - b)).toEqual(run.written[nth - 1]);
        expect(run.sealedEarly).toBe(false);
      }),
      { numRuns: 12, seed: 7 },
    );
  });
});

describe("small sectors that all differ are sampled", () => {
  it("and whatever is unchanged for eight of them is kept, wherever it lies", async () => {
    const [pages, size] = [40, 16];
    const part = definePart({ family: "L4", sectors: [[pages, size]], transferSize: size });
    const data = pattern(pages * size);
    for (let from = 1; from <= pages - 8; from += 1) {
      const before = pattern(pages * size, 9);
      before.set(data.subarray(from * size, (from + 8) * size), from * size);
      const { flash, unit } = bench({ part, before });
      const report = await flash({ image: imageAt(data), family: "L4" });
      expect([from, report.outcome, report.skippedSectors]).toEqual([from, "PASS", 8]);
      expect(unit.flash.snapshot()).toEqual(data);
    }
  });

  it("and a small image costs hardly more transfers than without a look, though all of it is read back", async () => {
    const costs = async (name: string) => {
      const { flash } = bench({ part: partByName(name), before: pattern(31 * 1024, 9) });
      const report = await flash({ image: imageAt(pattern(31 * 1024)), profile: "fast" });
      expect(report).toMatchObject({ outcome: "PASS", incidents: [] });
      return report.transfers;
    };
    // dfu-util makes 846 and 150, and reads nothing back.
    expect(await costs("l072")).toBeLessThanOrEqual(867);
    expect(await costs("f072")).toBeLessThanOrEqual(174);
  });
});

describe("small pages over a bad link", () => {
  it("an erase whose data was lost is not blamed on the unit that then refuses to program", async () => {
    const l072 = partByName("l072");
    for (let seed = 1; seed <= 4; seed += 1) {
      const faults = [parseFault("lost-data=0.05").fault];
      const before = pattern(16 * 1024, 9);
      const { flash } = bench({ part: l072, faults, seed, before });
      const report = await flash({ image: imageAt(pattern(16 * 1024)) });
      expect([seed, report.code, report.detail]).toEqual([seed, undefined, undefined]);
      expect(report.incidents.map(({ code }) => code)).toContain("link.data_lost");
    }
  });

  it("a unit that erases nothing and then refuses is to blame itself, and the link is not", async () => {
    const part = definePart({ family: "L0", sectors: [[16, 128]], transferSize: 1024 });
    const { transport, clock } = bench({ part, before: pattern(2048, 9) });
    // Each erase arrives as a SET_ADDRESS: it is acknowledged, and nothing is erased but the sector of the seal.
    const bent = wrapTransport(transport, {
      controlOut: (request, value, data, timeoutMs) => {
        const erases = request === DfuRequest.Dnload && value === 0 && data[0] === 0x41;
        const isSeal = data[1] === 0 && data[2] === 0;
        const sent = erases && !isSeal ? Uint8Array.of(0x21, ...data.subarray(1)) : data;
        return transport.controlOut(request, value, sent, timeoutMs);
      },
    });
    const image = imageAt(pattern(2048));
    const report = await flashUnit({ transport: bent, clock, image, family: "L0" });
    expect(report).toMatchObject({ outcome: "FAIL", blame: "unit", linkIncident: false });
  });

  it("a block that hangs costs no more silence than on other parts", async () => {
    const run = (...faults: Fault[]) =>
      bench({ part: partByName("l072"), faults, before: pattern(16 * 1024, 9) }).flash({
        image: imageAt(pattern(16 * 1024)),
      });
    const sound = await run();
    const hung = await run(parseFault("busy-wedge=reset@4,silent").fault);
    expect(hung).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(hung.ms - sound.ms).toBeLessThan(25_000);
  });
});
