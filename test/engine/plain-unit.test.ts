// Plain DFU 1.1 over the flash of a chip, as `flashline sim --chip plain` serves it: what its wire and its flash may do to a block.
import { flashPlainUnit } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  type Fault,
  nth,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import fc from "fast-check";
import { expect, it } from "vitest";
import { imageAt, pattern } from "./bench.ts";
import { fault } from "./scenarios.ts";

const APPLICATION = 8 * 1024;
/** The whole flash of the part, full of what is not erased. */
const BEFORE = pattern(64 * 1024, 9);
const RUNS = Math.min(5000, Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 3000) / 30));
const SEED = process.env["FLASHLINE_SEED"] ? { seed: Number(process.env["FLASHLINE_SEED"]) } : {};

async function flashed(length: number, faults: readonly Fault[], seed = 1, alternate = 0) {
  const clock = new VirtualClock();
  const part = partByName(alternate === 0 ? "plain" : "plain-alt2");
  const unit = createVirtualUnit({ part, clock, faults, seed, timing: "typical" });
  unit.flash.load(unit.flash.base, BEFORE);
  const data = pattern(length);
  const transport = attachInProcess(unit, clock);
  const report = await flashPlainUnit({ transport, clock, image: imageAt(data), alternate });
  const content = unit.flash.snapshot();
  const holds = content.subarray(APPLICATION, APPLICATION + length);
  return { report, unit, right: Buffer.compare(holds, data) === 0, content };
}

it("erases the sectors that a block starts in, announces the time, and leaves the others alone", async () => {
  const { report, unit, right, content } = await flashed(2500, []);
  expect(report).toMatchObject({ outcome: "PASS", bytes: 2500 });
  expect(right).toBe(true);
  expect(unit.counters).toMatchObject({ erases: 3, programs: 3 });
  expect(unit.illegal).toEqual([]);
  // Typical time of an STM32F1: 20 ms or more for each page.
  expect(report.ms).toBeGreaterThan(3 * 20);
  const behind = APPLICATION + 3 * 1024;
  for (const [from, to] of [
    [0, APPLICATION],
    [behind, unit.flash.size],
  ] as const)
    expect(Buffer.compare(content.subarray(from, to), BEFORE.subarray(from, to))).toBe(0);
});

it.each<Fault>([
  { kind: "stall", trigger: nth(5) },
  { kind: "lost-data", trigger: nth(2) },
  { kind: "lost-status", trigger: nth(9) },
  { kind: "silent-drop", trigger: nth(4) },
  { kind: "bit-flip", trigger: nth(1) },
  { kind: "busy-wedge", clearedBy: "reset", silent: true, trigger: nth(3) },
  { kind: "unplug", afterBytes: 1500, backAfterMs: 2000 },
  { kind: "power-cut", afterBytes: 1500, backAfterMs: 2000 },
])("passes in spite of %j, with the image in its flash", async (one) => {
  const { report, right } = await flashed(4000, [one], 1, 2);
  expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
  expect(right).toBe(true);
});

it(`never says PASS over wrong content, nor touches the bootloader's own sectors, in ${RUNS} runs`, async () => {
  const outcomes = { PASS: 0, FAIL: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6000 }),
      fc.array(fault, { maxLength: 3 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      async (length, faults, seed) => {
        const { report, right, content } = await flashed(length, faults, seed);
        outcomes[report.outcome] += 1;
        expect(report.code).not.toBe("internal.bug");
        // Another unit, and one whose own sectors have bad cells.
        if (!faults.some(({ kind }) => kind === "swap" || kind === "stuck")) {
          const own = content.subarray(0, APPLICATION);
          expect(Buffer.compare(own, BEFORE.subarray(0, APPLICATION))).toBe(0);
        }
        if (report.outcome === "PASS") expect(right).toBe(true);
      },
    ),
    { numRuns: RUNS, ...(RUNS > 100 ? SEED : { seed: 20261128 }) },
  );
  expect(outcomes.PASS).toBeGreaterThan(RUNS / 10);
  expect(outcomes.FAIL).toBeGreaterThan(RUNS / 20);
}, 300_000);
