// What a unit does again while it is looked at whether it is the same.
import type { VirtualUnit } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { BLANK, DATA, disturbed, OLD } from "./disturbed.ts";

describe("a unit that comes back and is looked at", () => {
  /** It leaves again, for `ms`, at the n-th SET_ADDRESS and `times - 1` more: whoever reads there loses it each time. */
  const leavingAt =
    (n: number, times: number, ms?: number) =>
    (unit: VirtualUnit): void => {
      let [back, reads] = [false, 0];
      unit.onTransfer((setup, data) => {
        back ||= !unit.attached;
        if (!back || !unit.attached || setup.value !== 0 || data[0] !== 0x21) return;
        reads += 1;
        if (reads >= n && reads < n + times) unit.unplug(ms);
      });
      unit.unplug(200);
    };

  it.each([
    ["erased", OLD, 3],
    ["blank", BLANK, 1],
  ])("and leaves for good meanwhile is lost: %s", async (_what, before, nth) => {
    for (let n = 1; n <= 12; n += 1) {
      const { report } = await disturbed({ family: "F4", before, nth, what: leavingAt(n, 1) });
      expect([n, report.outcome, report.code]).toEqual([n, "FAIL", "link.lost"]);
    }
  });

  it.each([
    ["erased", OLD, 3],
    ["blank", BLANK, 1],
  ])(
    "and leaves whenever one word is read never passes with it: %s",
    async (_what, before, nth) => {
      let dirty = 0;
      for (let n = 1; n <= 12; n += 1) {
        const what = leavingAt(n, 2, 100);
        const { report, unit } = await disturbed({ family: "F4", before, nth, what });
        dirty += report.incidents.filter(({ code }) => code === "flash.dirty").length;
        if (report.outcome === "PASS") expect(unit.flash.snapshot()).toEqual(DATA);
        else expect([n, report.code]).toEqual([n, "device.other"]);
      }
      expect(dirty).toBeGreaterThan(2);
    },
  );

  it("and has a serial no more is another one", async () => {
    const { report } = await disturbed({
      ...{ family: "F4", before: OLD, nth: 2 },
      what: (unit) => unit.replace({ serial: "" }),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other" });
    expect(report.detail).toMatch(/serial was \S+, is none/);
  });
});
