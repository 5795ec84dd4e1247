// What an attempt that was cut off leaves behind is not believed by the next one (rule 7, docs/protocol.md), which nobody told of it.
import { parseFault } from "@flashline/virtual-stm32";
import { expect, test } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(384);
const f4 = { image: imageAt(DATA), family: "F4" } as const;

/** A part whose attempt lost power at this byte, and is back without a word about it. */
async function cutOff(fault: string, before: Uint8Array) {
  const io = bench({ before, faults: [parseFault(fault).fault], seed: 4 });
  expect(await io.flash(f4)).toMatchObject({ outcome: "FAIL", touched: true });
  io.unit.plug();
  await io.transport.reenumerate(1000);
  return io;
}

const USED = pattern(384, 9);
const BLANK = new Uint8Array(384).fill(0xff);

test.each([
  ["power-cut=20", "a used part", USED],
  ["power-cut=70", "a used part", USED],
  ["power-cut=300", "a used part", USED],
  ["erase-cut=2", "a used part", USED],
  ["erase-cut=3", "a used part", USED],
  ["power-cut=20", "a blank part", BLANK],
  ["power-cut=70", "a blank part", BLANK],
  ["power-cut=300", "a blank part", BLANK],
])("after %s on %s, the next attempt erases every sector", async (fault, _part, before) => {
  const { flash, unit } = await cutOff(fault, before);
  expect(await flash(f4)).toMatchObject({ outcome: "PASS", erasedSectors: 4, skippedSectors: 0 });
  expect(unit.flash.read(BASE, 384).data).toEqual(DATA);
  expect(unit.flash.isStable(BASE, 384)).toBe(true);
});

test("an image that begins with erased bytes is no evidence: an unchanged unit is left alone", async () => {
  const data = DATA.slice();
  data.fill(0xff, 0, 64);
  const { flash, unit } = bench({ before: data });
  expect(await flash({ ...f4, image: imageAt(data) })).toMatchObject({ outcome: "PASS" });
  expect(unit.counters.erases).toBe(0);
});
