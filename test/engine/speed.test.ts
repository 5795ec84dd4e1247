// What flashing costs in transfers and in time on the bus, beside dfu-util's own sequence, on a virtual clock: the same on every
// machine, so it can be held.
import { PROFILES } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { describe, expect, test } from "vitest";
import { MEASURED_PARTS, measurePart } from "../bench/parts.ts";
import { inParts } from "../bench/report.ts";
import { STATES } from "../bench/subject.ts";

describe.each(MEASURED_PARTS)("$name with $kib KiB", (part) => {
  test.each(STATES)("%s: takes no more than it may, and reads everything back", async (state) => {
    const { dfuUtil, ours } = await measurePart(part, state);
    // The gaps of `standard` are its own wish; its transfers are as many.
    expect(inParts(ours.fast.ms, dfuUtil.ms)).toBeLessThanOrEqual(part.most[state]);
    // A wait for the device is a gap as well.
    const gaps = PROFILES.standard.gapMs * ours.standard.transfers;
    if (state === "used") expect(ours.standard.ms - ours.fast.ms).toBeLessThan(0.8 * gaps);
    const blocks = (part.kib * 1024) / partByName(part.name).usb.transferSize;
    for (const { transfers, uploads } of [ours.fast, ours.standard]) {
      expect(transfers).toBeLessThan(dfuUtil.transfers);
      expect(uploads).toBeGreaterThanOrEqual(blocks);
    }
  });
});
