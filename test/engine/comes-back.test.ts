// What a unit does again while it is looked at whether it is the same.
import { DfuRequest } from "@flashline/dfu-core/protocol";
import type { VirtualUnit } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { pattern } from "./bench.ts";
import { isRead } from "./bent.ts";
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
    for (let n = 1; n <= 9; n += 1) {
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
      family: "F4",
      before: OLD,
      nth: 2,
      what: (unit) => unit.replace({ serial: "" }),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other" });
    expect(report.detail).toMatch(/serial was \S+, is none/);
  });

  it("is not sealed when something of it is torn then: that is written again before", async () => {
    let [reads, beforeSeal] = [0, 0];
    const counting = (request: number, value: number) => {
      reads += Number(isRead(request, value));
      // The last block that is written is the seal's.
      if (request === DfuRequest.Dnload && value >= 2) beforeSeal = reads;
      return isRead(request, value);
    };
    const given = { family: "H7", before: OLD } as const;
    await disturbed({ ...given, nth: 1, when: counting, what: () => undefined });
    const { report, unit } = await disturbed({
      ...given,
      nth: beforeSeal,
      when: isRead,
      what: (same) => {
        same.flash.tear(same.flash.base + 64, pattern(32, 5));
        same.unplug(200);
      },
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ code }) => code)).toContain("flash.dirty");
    expect(unit.flash.snapshot()).toEqual(DATA);
    expect(unit.illegal).toEqual([]);
  });
});
