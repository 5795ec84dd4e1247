// What was checked on a unit before its first erase says nothing of another one that comes in its place.
import { flashUnit, writeOptions } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { counting } from "./bent.ts";

const DATA = pattern(4000, 4);

/** A unit with BOR_LEV as the release wants it; another one, as it comes from ST, takes its place at a transfer of the attempt. */
async function flashing(nth: number, knownDirty: boolean) {
  const {
    unit,
    clock,
    transport: plain,
  } = bench({ part: partByName("f407"), before: pattern(4000, 9) });
  const set = { BOR_LEV: "1" };
  expect(await writeOptions({ transport: plain, clock, set })).toMatchObject({ outcome: "PASS" });
  const own = unit.flash;
  let transfers = 0;
  const count = (at: number) => {
    transfers = at;
    if (transfers === nth) unit.replace({ serial: unit.serial });
  };
  const transport = counting(plain, count);
  const image = imageAt(DATA);
  const report = await flashUnit({ transport, clock, image, expectOptions: set, knownDirty });
  const isBlank = unit.flash
    .snapshot()
    .subarray(0, 4000)
    .every((byte) => byte === 0xff);
  return { report, transfers, another: unit.flash !== own, isBlank };
}

it.each([false, true])("the option bytes of a release: known dirty %s", async (knownDirty) => {
  const { transfers, report } = await flashing(0, knownDirty);
  expect(report.outcome).toBe("PASS");
  for (let nth = 1; nth <= transfers; nth += 1) {
    const { report, another, isBlank } = await flashing(nth, knownDirty);
    if (!another) continue;
    // When the image was read back, the unit that was checked may be taken away.
    const seen = { nth, isBlank, code: report.code };
    if (nth > transfers - 2) continue;
    expect(["options.mismatch", "device.other"]).toContain(report.code);
    expect(seen).toMatchObject({ isBlank: true });
  }
});
