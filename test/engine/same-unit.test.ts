// A unit that leaves its port in the middle of an attempt, and what takes its place: itself, or another with the same serial.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest } from "@flashline/dfu-core/protocol";
import { definePart, type VirtualUnit } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, expectNothingUnasked, imageAt, pattern } from "./bench.ts";
import { isRead } from "./bent.ts";
import { BLANK, DATA, disturbed, image, OLD, other, SIZE } from "./disturbed.ts";

const isSeal = (request: number, value: number, data: Uint8Array) =>
  request === DfuRequest.Dnload && value >= 2 && (data.length === 8 || data.length === 32);
const families = ["F4", "H7"] as const;

const isCommand = (request: number, value: number) => request === DfuRequest.Dnload && value === 0;

/** Which of the commands is the SET_ADDRESS right before the seal. */
async function commandBeforeSeal(family: (typeof families)[number]): Promise<number> {
  let [commands, beforeSeal] = [0, 0];
  const when = (request: number, value: number, data: Uint8Array) => {
    if (isCommand(request, value)) commands += 1;
    if (isSeal(request, value, data)) beforeSeal = commands;
    return isSeal(request, value, data);
  };
  await disturbed({ family, before: OLD, nth: 1, when, what: () => {} });
  return beforeSeal;
}

describe.each(families)(
  "another %s with the same serial that comes in the erase phase",
  (family) => {
    it.each([
      ["the old firmware", OLD, OLD],
      ["other firmware", OLD, pattern(SIZE, 5)],
      ["the new firmware", OLD, DATA],
      ["nothing", OLD, BLANK],
      ["the new firmware, in the place of a blank one", BLANK, DATA],
    ])("and holds %s is neither erased nor passed", async (_what, before, content) => {
      const nth = family === "F4" && before === BLANK ? 1 : 3;
      const { report, unit } = await disturbed({ family, before, nth, what: other(content) });
      expect(report).toMatchObject({ outcome: "FAIL", code: "device.other", blame: "operator" });
      expect(unit.flash.snapshot()).toEqual(content);
    });
  },
);

describe("another unit with the same serial", () => {
  it("is told from one that was compared, before the very first erase too", async () => {
    let reads = 0;
    const { report, unit } = await disturbed({
      family: "F4",
      before: OLD,
      options: { remainder: "preserve", snapshotName: "a", image: imageAt(DATA.slice(0, 300)) },
      nth: 1,
      // After the compare reads of the four sectors, while their remainder is read.
      when: (request, value) => {
        reads += Number(request === DfuRequest.Upload && value >= 2);
        return reads === 6;
      },
      what: other(pattern(SIZE, 5)),
    });
    expect(report.outcome).toBe("FAIL");
    expect(unit.flash.snapshot()).toEqual(pattern(SIZE, 5));
  });

  it.each(families)("that comes right before the seal of %s is not sealed", async (family) => {
    const nth = await commandBeforeSeal(family);
    const { report, unit } = await disturbed({
      family,
      before: OLD,
      nth,
      when: isCommand,
      what: other(DATA),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other" });
    expect(unit.flash.snapshot()).toEqual(DATA);
    expect(unit.illegal).toEqual([]);
  });

  it("is told from one that erases too little, where both leave while they are read", async () => {
    const content = pattern(SIZE, 5).fill(0xff, 0, 32);
    let held: Uint8Array = BLANK;
    const { report, unit } = await disturbed({
      family: "H7",
      before: OLD,
      nth: await commandBeforeSeal("H7"),
      when: isCommand,
      what: (torn) => {
        other(content)(torn);
        for (const at of [32, 96, 160, 288]) torn.flash.tear(0x08000000 + at, content);
        held = torn.flash.snapshot();
      },
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other", blame: "operator" });
    expect(report.detail).toContain("it leaves while");
    expect(unit.flash.snapshot()).toEqual(held);
  });

  it.each(["verify", "seal"])("that takes the port in phase %s is not flashed", async (phase) => {
    const { transport, clock, unit } = bench({ before: OLD });
    let armed = false;
    let swapped = false;
    unit.onTransfer((setup, data) => {
      const now = phase === "verify" ? isRead(setup.request, setup.value) : data.length === 8;
      if (!armed || swapped || !now) return;
      swapped = true;
      unit.replace({ serial: unit.serial });
    });
    const report = await flashUnit({
      image,
      family: "F4",
      transport,
      clock,
      onEvent: (event) => {
        armed ||= event.event === "progress" && event.phase === "verify" && event.fraction < 1;
      },
    });
    expect(swapped).toBe(true);
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other", blame: "operator" });
    expect(unit.flash.snapshot()).toEqual(BLANK);
  });

  it("is no other: a unit that drops off right before its seal is sealed all the same", async () => {
    for (const family of families) {
      const nth = await commandBeforeSeal(family);
      const { report, unit } = await disturbed({
        family,
        before: OLD,
        nth,
        when: isCommand,
        what: (same) => same.unplug(200),
      });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
      expect(unit.flash.snapshot()).toEqual(DATA);
      expect(unit.illegal).toEqual([]);
    }
  });
});

describe("the same unit", () => {
  it.each([
    ["F4", OLD],
    ["F4", BLANK],
    ["H7", OLD],
    ["H7", BLANK],
  ] as const)(
    "%s that drops off at any erase or write is flashed to the end",
    async (family, before) => {
      for (let nth = 1; nth <= (family === "F4" && before === BLANK ? 1 : 4); nth += 1) {
        const what = (unit: VirtualUnit) => unit.unplug(200);
        const { report, unit } = await disturbed({ family, before, nth, what });
        expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
        expect(unit.flash.snapshot()).toEqual(DATA);
        expect(unit.illegal).toEqual([]);
      }
      const sealing = { family, before, nth: 1, when: isSeal } as const;
      const { report } = await disturbed({ ...sealing, what: (unit) => unit.unplug(200) });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    },
  );

  describe("that left with a block lost", () => {
    const part = definePart({ family: "F4", sectors: [[3, 512]], transferSize: 16 });
    const size = 1536;
    const data = pattern(size, 5);
    const toSecondSector = (setup: { readonly value: number }, block: Uint8Array) =>
      setup.value === 0 && block[0] === 0x21 && block[2] === 0x02;

    /** Leaves when the second sector is to be written; `lost` counts the DNLOADs with data from the first write on. */
    async function afterLoss(lost: number, leaves: (unit: VirtualUnit) => void) {
      const io = bench({ part, before: pattern(size, 9) });
      const { unit, transport, clock, destructive } = io;
      let writes = 0;
      unit.onTransfer((setup, block) => {
        if (setup.request !== DfuRequest.Dnload || block.length === 0) return;
        if (writes > 0 || setup.value >= 2) writes += 1;
        if (writes === 1) {
          unit.addFault({ kind: "lost-data", trigger: { kind: "nth", n: lost } });
        }
        if (writes > 1 && toSecondSector(setup, block)) {
          writes = Number.NEGATIVE_INFINITY;
          leaves(unit);
        }
      });
      const report = await flashUnit({
        transport,
        clock,
        family: "F4",
        profile: "gentle",
        image: imageAt(data),
      });
      expect(writes).toBe(Number.NEGATIVE_INFINITY);
      expectNothingUnasked(unit, destructive);
      return { unit, report };
    }

    it("is known by the other blocks of its sector, whichever was lost", async () => {
      for (let lost = 1; lost <= 12; lost += 1) {
        const { report, unit } = await afterLoss(lost, (gone) => gone.unplug(200));
        expect([lost, report.outcome, report.code]).toEqual([lost, "PASS", undefined]);
        expect(unit.flash.snapshot()).toEqual(data);
      }
    });

    it.each([
      ["with its seal and all else of the image", 0, 0],
      ["interrupted, with a third of the image's blocks different", 8, 3],
    ])("is told from another, %s", async (_what, blank, different) => {
      const content = data.map((byte, at) =>
        at < blank ? 0xff : different > 0 && (at >> 4) % different === 1 ? byte ^ 0x40 : byte,
      );
      const { report, unit } = await afterLoss(3, other(content));
      expect(report).toMatchObject({ outcome: "FAIL", code: "device.other", blame: "operator" });
      expect(unit.flash.snapshot()).toEqual(content);
    });
  });

  it("is erased again as far as it was blank and ECC lets nobody see that it was erased, and not where it shows", async () => {
    const what = (unit: VirtualUnit) => unit.unplug(200);
    // Sectors 0 and 1 are erased when the unit leaves at the third: both again, unless something tells that it is the same. Then the second
    // alone: where the data of the third erase was lost, it was the second that was executed once more, and cut off.
    const blank = await disturbed({ family: "H7", before: BLANK, nth: 3, what });
    const used = await disturbed({ family: "H7", before: OLD, nth: 3, what });
    expect([blank, used].map(({ report }) => report.outcome)).toEqual(["PASS", "PASS"]);
    expect(blank.unit.counters.erases - used.unit.counters.erases).toBe(1);
  });

  it("costs nothing to tell while it stays on its port", async () => {
    const { report, unit } = await disturbed({ family: "F4", before: OLD, nth: 1, what: () => {} });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(unit.counters.controlTransfers).toBe(report.transfers);
    expect(report.transfers).toBe(TRANSFERS);
  });
});

/** Of an undisturbed run over the used tiny F4: telling the same unit takes none of them. */
const TRANSFERS = 157;
