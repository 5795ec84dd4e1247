import { verifyUnit } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const image = imageAt(pattern(300));
const f4 = { image, family: "F4" } as const;

describe("the bank mode that a release is for", () => {
  it("is checked against the option bytes before anything is erased", async () => {
    const g474 = { part: partByName("g474"), before: pattern(5000) };
    const chip = "STM32G474";
    const right = bench(g474);
    expect(await right.flash({ image, chip, bankMode: "dual" })).toMatchObject({ outcome: "PASS" });
    const wrong = bench(g474);
    expect(await wrong.flash({ image, chip, bankMode: "single" })).toMatchObject({
      outcome: "FAIL",
      code: "plan.bank_mode",
      touched: false,
    });
    expect(wrong.unit.counters.erases).toBe(0);
    expect(await verifyUnit({ ...bench(g474), image, chip, bankMode: "single" })).toMatchObject({
      code: "plan.bank_mode",
    });
  });

  it("is read from the unit: one in single bank mode is refused for a dual release, and the other way round", async () => {
    const part = partByName("g474");
    const extra = part.extra.map((memory) => {
      const content = memory.content?.map((byte, at) =>
        // DBANK, and its complement.
        at === 2 ? byte & ~0x40 : at === 6 ? byte | 0x40 : byte,
      );
      return content === undefined ? memory : { ...memory, content };
    });
    const single = bench({ part: { ...part, extra }, before: pattern(5000) });
    const report = await single.flash({ image, chip: "STM32G474", bankMode: "dual" });
    expect(report).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(report.detail).toContain("for dual bank, the unit is in single bank mode");
    // Its pages are 4 KiB, though its ROM shows 2: where nobody named the mode too.
    const unnamed = await single.flash({ image, chip: "STM32G474" });
    expect(unnamed).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(unnamed.detail).toContain("DBANK is 0");
    expect(await single.flash({ image, chip: "STM32G474", bankMode: "single" })).toMatchObject({
      outcome: "PASS",
    });
  });

  it.each([
    ["f407", "STM32F407", "single", "1024 KiB of this class always are"],
    ["f429", "STM32F429ZI", "dual", "2048 KiB of this class always are"],
    ["f429", "STM32F429ZG", "single", "DB1M is 0"],
    ["f767", "STM32F767ZI", "single", "nDBANK is 1"],
    ["l476", "STM32L476RE", "dual", "DUALBANK is 1"],
    ["l552", "STM32L552ZE", "dual", "DBANK is 1"],
    ["h743", "STM32H743ZI", "dual", "2048 KiB of this class always are"],
    ["u585", "STM32U585AI", "dual", "2048 KiB of this class always are"],
  ] as const)("of %s as %s is %s: %s", async (name, chip, mode, evidence) => {
    const part = partByName(name);
    expect(await bench({ part }).flash({ image, chip, bankMode: mode })).toMatchObject({
      outcome: "PASS",
    });
    const other = mode === "single" ? "dual" : "single";
    const { flash, unit } = bench({ part });
    const report = await flash({ image, chip, bankMode: other });
    expect(report).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(report.detail).toContain(evidence);
    expect(unit.counters.erases).toBe(0);
  });

  it("is refused where classes that look alike differ, and named by their chip", async () => {
    const { flash } = bench({ part: partByName("l476") });
    const report = await flash({ image, bankMode: "dual" });
    expect(report).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(report.detail).toContain("name the chip");
    const small = await flash({ image, chip: "STM32L552ZC", bankMode: "dual" });
    expect(small.code).toBe("device.wrong_chip");
  });

  it("is refused where option bytes do not show it or are corrupt", async () => {
    const part = partByName("g474");
    const bend = (at: number, to: number) => {
      const extra = part.extra.map((memory) => ({
        ...memory,
        ...(memory.content && { content: memory.content.map((byte, i) => (i === at ? to : byte)) }),
      }));
      return bench({ part: { ...part, extra } });
    };
    const wanted = { image, chip: "STM32G474", bankMode: "dual" } as const;
    expect(await bend(5, 0xaa).flash(wanted)).toMatchObject({
      code: "options.complement",
      touched: false,
    });
    const names = part.alternates.map((name) => name.replace(/01\*048 e.*/, "01*048 e"));
    const report = await bench({ part: { ...part, alternates: names } }).flash(wanted);
    expect(report).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(report.detail).toContain("DBANK");
    const l4r5 = partByName("l4r5");
    const zone = l4r5.alternates.map((name) => name.replace("/0x1FF01000/01*040 e", ""));
    const { flash } = bench({ part: { ...l4r5, alternates: zone } });
    expect((await flash({ image, bankMode: "dual" })).detail).toContain("no table knows");
    const l552 = bench({ part: partByName("l552") });
    const small = { image, chip: "STM32L552CC", bankMode: "single" } as const;
    expect((await l552.flash(small)).detail).toContain("no bank mode can be read");
  });

  it("is refused where a class does not tell, and where nobody knows the class", async () => {
    const strange = bench();
    expect(await strange.flash({ ...f4, bankMode: "dual" })).toMatchObject({
      code: "plan.bank_mode",
      touched: false,
    });

    const { flash } = bench({ part: partByName("f407") });
    const report = await flash({ image, bankMode: "dual" });
    expect(report).toMatchObject({ code: "plan.bank_mode", touched: false });
    expect(report.detail).toContain("STM32F407");
  });

  it("is not asked where nobody named it and the unit does not show it", async () => {
    const part = partByName("g474");
    const alternates = part.alternates.map((name) => name.replace(/01\*048 e.*/, "01*048 e"));
    const { flash } = bench({ part: { ...part, alternates } });
    expect(await flash({ image, chip: "STM32G474" })).toMatchObject({ outcome: "PASS" });
  });
});
