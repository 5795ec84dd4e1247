import { type EngineEvent, readOptions, writeOptions } from "@flashline/dfu-core";
import { partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench } from "./bench.ts";

describe("a power cycle", () => {
  it("is asked for where the family needs one, before protection is checked", async () => {
    const io = bench({ part: partByName("g474") });
    const asked: number[] = [];
    const report = await writeOptions({
      ...io,
      set: { RDP: 1 },
      powerCycle: true,
      onEvent: (event) => {
        if (event.event !== "power-cycle") return;
        asked.push(event.deadlineMs);
        io.unit.powerCycle();
      },
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(asked).toEqual([120_000]);
  });

  it.each(["f072", "l476", "l552"])(
    "of %s is the hub's work where it switches each port by itself; nobody is asked",
    async (name) => {
      const io = bench({ part: partByName(name), powerSwitch: true });
      const asked: string[] = [];
      const report = await writeOptions({
        ...io,
        set: { RDP: 1 },
        powerCycle: true,
        onEvent: ({ event }) => void asked.push(event),
      });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(asked).not.toContain("power-cycle");
      expect(io.unit.protection).toBe(1);
    },
  );

  it("has not been: the level is written, does not count yet, and the report says what to do", async () => {
    for (const [name, RDP, confirmed] of [
      ["f072", 1, []],
      ["g474", 1, []],
      ["g474", 2, ["rdp2"]],
    ] as const) {
      const io = bench({ part: partByName(name) });
      const report = await writeOptions({ ...io, set: { RDP }, confirmed });
      expect(report).toMatchObject({ outcome: "FAIL", code: "options.power_cycle" });
      expect(io.unit.protection).toBe(0);
      io.unit.powerCycle();
      expect(io.unit.protection).toBe(RDP);
    }
  });

  it.each(["f072", "l476", "g474"])(
    "is still missing when %s is asked again: its option bytes show what was written, and it is open",
    async (name) => {
      const io = bench({ part: partByName(name), powerSwitch: true });
      for (let asked = 0; asked < 2; asked += 1) {
        const report = await writeOptions({ ...io, set: { RDP: 1 } });
        expect(report).toMatchObject({ outcome: "FAIL", code: "options.power_cycle" });
        expect(io.unit.protection).toBe(0);
      }
      const cycled = await writeOptions({ ...io, set: { RDP: 1 }, powerCycle: true });
      expect(cycled).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(io.unit.protection).toBe(1);
      expect(io.unit.counters.optionWrites).toBe(1);
    },
  );

  it("by the hub shows that level 2 has come; a plug that a person pulled does not", async () => {
    const options = { set: { RDP: 2 }, confirmed: ["rdp2"], powerCycle: true };
    const cycled = bench({ part: partByName("g474"), powerSwitch: true });
    expect(await writeOptions({ ...cycled, ...options })).toMatchObject({ outcome: "PASS" });
    expect(cycled.unit.mode).toBe("absent");
    const pulled = bench({ part: partByName("g474") });
    const onEvent = ({ event }: EngineEvent) => {
      if (event === "power-cycle") pulled.unit.unplug();
    };
    expect(await writeOptions({ ...pulled, ...options, onEvent })).toMatchObject({
      outcome: "FAIL",
      code: "options.power_cycle",
    });
  });

  it("that never comes ends the attempt", async () => {
    const io = bench({ part: partByName("g474") });
    const report = await writeOptions({ ...io, set: { RDP: 1 }, powerCycle: true });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.power_cycle" });
  });
});

describe("a write of option bytes that was cut off", () => {
  it.each([
    ["f407", 1],
    // Two blocks, each with its own write.
    ["f429", 2],
  ])("of %s is done anew, though they read as wanted", async (name, writes) => {
    const io = bench({ part: partByName(name) });
    const as = await readOptions(io);
    const again = { ...io, set: { BOR_LEV: 3 }, knownDirty: true };
    const report = await writeOptions(again);
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(report.options).toEqual(as.options);
    expect(io.unit.counters).toMatchObject({ optionWrites: writes, massErases: 0 });
    expect(io.unit.illegal).toEqual([]);
  });
});
