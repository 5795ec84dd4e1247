import { type FlashOptions, flashUnit } from "@flashline/dfu-core";
import { definePart, type Part, type VirtualUnit } from "@flashline/virtual-stm32";
import { expect } from "vitest";
import { bench, expectNothingUnasked, imageAt, memoryStore, pattern, tinyF4 } from "./bench.ts";
import { isErase } from "./bent.ts";

export const SIZE = 384;
export const DATA = pattern(SIZE);
export const OLD = pattern(SIZE, 9);
export const BLANK = new Uint8Array(SIZE).fill(0xff);
export const image = imageAt(DATA);
const tinyH7 = definePart({
  family: "H7",
  sectors: [
    [2, 64],
    [2, 128],
  ],
  transferSize: 32,
});
const PARTS = { F4: tinyF4, H7: tinyH7 } as const;

interface Disturbed {
  readonly family: keyof typeof PARTS;
  readonly before: Uint8Array;
  readonly options?: Partial<FlashOptions>;
  /** At the nth DNLOAD that `when` names. */
  readonly nth: number;
  readonly when?: (request: number, value: number, data: Uint8Array) => boolean;
  readonly what: (unit: VirtualUnit) => void;
}

/** Flashes a unit that something happens to at one point. */
export async function disturbed({ family, before, options, nth, what, when = isErase }: Disturbed) {
  const { store: snapshots } = memoryStore();
  const part: Part = PARTS[family];
  const io = bench({ part, before });
  const { unit, transport, clock, destructive } = io;
  let seen = 0;
  unit.onTransfer((setup, data) => {
    if (!when(setup.request, setup.value, data)) return;
    seen += 1;
    if (seen === nth) what(unit);
  });
  const report = await flashUnit({ transport, clock, snapshots, image, family, ...options });
  expect(seen).toBeGreaterThanOrEqual(nth);
  expectNothingUnasked(unit, destructive);
  return { ...io, report };
}

/** Another unit with the same serial, which holds something. */
export const other = (content: Uint8Array) => (unit: VirtualUnit) => {
  unit.replace({ serial: unit.serial });
  unit.flash.load(unit.flash.base, content);
};
