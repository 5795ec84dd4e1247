// The erase of a unit that was cut off is lost: what was half programmed then may read as it should, and not tomorrow.
import { definePart, type Fault, LIBRARY, nth, type Part } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
/** Behind a bootloader of 128 bytes, in sectors of which the first has the seal. */
const START = BASE + 128;
const image = imageAt(pattern(128, 3), START);
const common = { family: "F4", sectors: [[6, 64]], transferSize: 32 } as const;
const PARTS: readonly (readonly [string, Part])[] = [
  ["a ROM", definePart(common)],
  [
    "a bootloader of ST's library",
    definePart({
      ...common,
      alternates: ["@Internal Flash   /0x08000000/2*64 a,4*64 g"],
      usb: { product: "Motor drive DFU" },
      rom: { ...LIBRARY, defaultPointer: BASE + 128 },
    }),
  ],
];

/** A first attempt is cut off while it programs, and the next one loses a data stage. */
async function flashTwice(part: Part, seed: number, lost?: number) {
  const faults: Fault[] = [{ kind: "power-cut", afterBytes: 40, backAfterMs: 20_000 }];
  if (lost !== undefined) faults.push({ kind: "lost-data", trigger: nth(lost) });
  const { flash, unit, clock, transport } = bench({ part, faults, seed, before: pattern(384, 9) });
  let stages = 0;
  unit.onTransfer((setup, data) => {
    if (setup.request === 1 && setup.requestType === 0x21 && data.length > 0) stages += 1;
  });
  const first = await flash({ image, family: "F4", profile: "gentle" });
  const before = stages;
  await clock.sleep(30_000);
  await transport.reenumerate(60_000);
  const second = await flash({ image, family: "F4", profile: "gentle", knownDirty: true });
  return { first, second, before, unit };
}

it.each(PARTS)("is noticed at %s", async (_, part) => {
  const { first, second, before } = await flashTwice(part, 1);
  expect(first).toMatchObject({ outcome: "FAIL", touched: true });
  expect(second.outcome).toBe("PASS");
  let unstable = 0;
  for (let lost = 1; lost <= 12; lost += 1) {
    for (let seed = 1; seed <= 40; seed += 1) {
      const { second: again, unit } = await flashTwice(part, seed, before + lost);
      expect(again.outcome).toBe("PASS");
      if (!unit.flash.isStable(START, 128)) unstable += 1;
    }
  }
  expect(unstable).toBe(0);
});
