// The remaining time that an operator and a terminal are shown: by the unit's own pace, and none rather than a wrong one.
import { type EngineEvent, flashUnit } from "@flashline/dfu-core";
import { parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const KIB = 1024;

/** By how much each remaining time that was told was wrong, and how long was really left, milliseconds. */
async function errorsOf(chip: string, kib: number, faults: readonly string[]) {
  const { clock, transport } = bench({
    part: partByName(chip),
    before: pattern(kib * KIB, 9),
    faults: faults.map((fault) => parseFault(fault).fault),
    seed: 3,
  });
  const told: { readonly at: number; readonly leftMs: number }[] = [];
  const onEvent = (event: EngineEvent): void => {
    if (event.event !== "progress" || event.remainingMs === undefined) return;
    told.push({ at: clock.now(), leftMs: event.remainingMs });
  };
  const image = imageAt(pattern(kib * KIB));
  const { outcome } = await flashUnit({ transport, clock, image, onEvent });
  expect(outcome).toBe("PASS");
  const end = clock.now();
  return told.map(({ at, leftMs }) => ({ wrongMs: Math.abs(end - at - leftMs), leftMs: end - at }));
}

const CHIPS = ["f072", "l072", "g0b1", "f407", "h743"];
const SIZES = [31, 100];

describe.each(CHIPS)("%s", (chip) => {
  it.each(SIZES)("%i KiB: is told from some blocks on, and right within a tenth", async (kib) => {
    const errors = await errorsOf(chip, kib, []);
    expect(errors.length).toBeGreaterThan(3);
    for (const { wrongMs, leftMs } of errors) {
      expect(wrongMs).toBeLessThan(Math.max(150, leftMs / 10));
    }
  });

  it.each(SIZES)("%i KiB over a link that stalls: is mostly right within a second", async (kib) => {
    const errors = await errorsOf(chip, kib, ["stall=0.05"]);
    const sorted = errors.map(({ wrongMs }) => wrongMs).toSorted((a, b) => a - b);
    expect(sorted[sorted.length >> 1]).toBeLessThan(1_000);
  });
});
