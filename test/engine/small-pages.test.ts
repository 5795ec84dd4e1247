// Sectors smaller than a block share one: what that costs, and what a failure in the middle of it takes along.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest } from "@flashline/dfu-core/protocol";
import { definePart, type VirtualUnit } from "@flashline/virtual-stm32";
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
