import { parseImage } from "@flashline/dfu-core";
import {
  attachInProcess,
  createVirtualUnit,
  partByName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { areaOf } from "./area.ts";

const BASE = 0x0800_0000;

function areas(bytes: number, count: number, turns: number) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: partByName("f407"), clock });
  const { descriptors } = attachInProcess(unit, clock);
  const image = parseImage(new Uint8Array(bytes).fill(7), { name: "app.bin", address: BASE });
  return Array.from({ length: turns }, (_, turn) =>
    areaOf(image, {
      descriptors,
      chip: "STM32F407",
      profile: "standard",
      areas: count,
      turn,
    }),
  );
}
const kb = (sectors: readonly number[]) => sectors.map((address) => (address - BASE) / 1024);

it("goes around the sectors that the image covers, and writes each part of it once a round", () => {
  // 200 kB: four sectors of 16 kB, one of 64, one of 128 in part.
  const round = areas(200 * 1024, 3, 6);
  expect(round.map(({ sectors }) => kb(sectors))).toEqual([
    [0, 16],
    [32, 48],
    [64, 128],
    [0, 16],
    [32, 48],
    [64, 128],
  ]);
  const written = round.slice(0, 3).reduce((sum, { image }) => sum + image.bytes, 0);
  expect(written).toBe(200 * 1024);
});

it("takes single sectors where the image has fewer than there are areas", () => {
  expect(areas(20_000, 64, 3).map(({ sectors }) => kb(sectors))).toEqual([[0], [16], [0]]);
});

it("takes the whole image as one area", () => {
  expect(areas(20_000, 1, 1).map(({ image }) => image.bytes)).toEqual([20_000]);
});
