import { readOptions, readUnit, unprotectUnit, writeOptions, writeOtp } from "@flashline/dfu-core";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const fault = (text: string) => parseFault(text).fault;

const valuesOf = (report: Awaited<ReturnType<typeof readOptions>>) =>
  Object.fromEntries(report.options?.values.map(({ name, value }) => [name, value]) ?? []);

/** Chip, the chip's name where strings fit several, and one harmless option with another value. */
const PARTS = [
  ["f072", undefined, "nRST_STOP", 0],
  ["f407", undefined, "BOR_LEV", 1],
  ["f429", undefined, "BOR_LEV", 1],
  ["l476", undefined, "BOR_LEV", 2],
  ["l4r5", undefined, "BOR_LEV", 2],
  ["l552", undefined, "BOR_LEV", 2],
  ["g431", "STM32G431", "BOR_LEV", 2],
  ["g474", undefined, "IRHEN", 0],
  ["h743", undefined, "BOR_LEV", 2],
] as const;

describe("option bytes by name", () => {
  it.each(PARTS)(
    "%s: read, changed by name, read back, and nothing else changes",
    async (...row) => {
      const [name, chip, option, value] = row;
      const io = bench({ part: partByName(name), before: pattern(64) });
      const of = { ...io, ...(chip === undefined ? {} : { chip }) };
      const before = await readOptions(of);
      expect(before).toMatchObject({
        outcome: "PASS",
        linkIncident: false,
        options: { corrupt: [] },
      });
      expect(valuesOf(before)[option]).not.toBe(value);
      const written = await writeOptions({ ...of, set: { [option]: value } });
      expect(written).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(valuesOf(written)).toEqual({ ...valuesOf(before), [option]: value });
      expect(io.unit.flash.read(BASE, 64).data).toEqual(pattern(64));
      expect(io.unit.counters).toMatchObject({ optionWrites: 1, massErases: 0, readUnprotects: 0 });
      expect(io.unit.illegal).toEqual([]);
    },
  );

  it("writes nothing where the unit is so already", async () => {
    const io = bench({ part: partByName("f407") });
    expect(await writeOptions({ ...io, set: { BOR_LEV: 3, RDP: 0 } })).toMatchObject({
      outcome: "PASS",
    });
    expect(io.destructive).toEqual([]);
  });

  it("F42x: two blocks, each with its own write, nothing else between", async () => {
    const io = bench({ part: partByName("f429") });
    const seen: number[] = [];
    io.unit.onTransfer((setup, data) => {
      if (setup.request === 1 && setup.value >= 2 && data.length > 0) seen.push(data.length);
      if (setup.request === 1 && setup.value === 0 && data[0] !== 0x21) seen.push(-1);
    });
    const set = { nWRP: 0xffe, nWRP2: 0xffd };
    const report = await writeOptions({ ...io, set, confirmed: ["write-protection"] });
    expect(report.outcome).toBe("PASS");
    expect(seen).toEqual([16, 16]);
    expect([...io.unit.flash.protectedSectors]).toEqual([0, 13]);
  });

  it.each([
    ["f407", { RDP: 2 }, "rdp2"],
    ["f407", { nWRP: 0 }, "write-protection"],
    ["f429", { BFB2: 1 }, "boot-selection"],
    ["f429", { DB1M: 1 }, "bank-swap"],
    ["f429", { SPRMOD: 1 }, "pcrop"],
    ["g474", { BOOT_LOCK: 1 }, "boot-lock"],
    ["l552", { TZEN: 1 }, "tzen"],
  ])(
    "%s: %j needs the confirmation %s before anything is written",
    async (name, set, confirmation) => {
      const io = bench({ part: partByName(name) });
      const report = await writeOptions({ ...io, set, confirmed: ["mass-erase"] });
      expect(report).toMatchObject({ outcome: "FAIL", code: "usage.confirm" });
      expect(report.detail).toContain(confirmation);
      expect(io.destructive).toEqual([]);
    },
  );

  it.each([
    [{ NO_SUCH: 1 }, "options.value"],
    [{ BOR_LEV: 4 }, "options.value"],
    [{ BOR_LEV: "x" }, "options.value"],
    [{ RDP: "3" }, "options.value"],
  ])("refuses %j", async (set, code) => {
    const io = bench({ part: partByName("f407") });
    expect(await writeOptions({ ...io, set })).toMatchObject({ outcome: "FAIL", code });
    expect(io.destructive).toEqual([]);
  });

  it("refuses what means other things on two chips that look alike, and chips it has no table for", async () => {
    const io = bench({ part: partByName("g431") });
    const set = { BOR_LEV: 2 };
    expect(await writeOptions({ ...io, set })).toMatchObject({ code: "options.unknown" });
    const l0 = bench({ part: partByName("l072") });
    expect(await writeOptions({ ...l0, set })).toMatchObject({ code: "options.unknown" });
    const shown = await readOptions(l0);
    expect(shown.options).toMatchObject({ table: undefined, values: [] });
    expect(shown.options?.blocks[0]?.bytes).toHaveLength(32);
  });

  it.each([
    ["f745", "F7"],
    ["u585", "U5"],
  ])("shows those of %s and writes none: nobody has checked how", async (name, table) => {
    const io = bench({ part: partByName(name) });
    expect((await readOptions(io)).options).toMatchObject({ table });
    expect(await writeOptions({ ...io, set: { nRST_STOP: 0 } })).toMatchObject({
      code: "options.unknown",
      touched: false,
    });
    expect(io.unit.counters.optionWrites).toBe(0);
  });

  it("keeps its hands off option bytes whose complements do not match", async () => {
    const part = partByName("f072");
    const extra = part.extra.map((memory) => {
      const content = [...(memory.content ?? [])];
      content[5] = 0x12;
      return { ...memory, content };
    });
    const io = bench({ part: { ...part, extra } });
    expect((await readOptions(io)).options?.corrupt).toEqual(["DATA0"]);
    const report = await writeOptions({ ...io, set: { nRST_STOP: 0 } });
    expect(report).toMatchObject({ code: "options.complement" });
    expect(io.destructive).toEqual([]);
  });

  it.each([
    "lost-data=3",
    "lost-data=4",
    "lost-data=5",
    "lost-ack=4",
    "lost-ack=5",
    "lost-setup=0.08",
    "lost-status=0.08",
    "stall=0.1",
    "lost-data=0.3",
  ])("over a link with %s never writes anything else", async (text) => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const before = pattern(64);
      const io = bench({ part: partByName("f407"), before, faults: [fault(text)], seed });
      const report = await writeOptions({ ...io, set: { BOR_LEV: 1 } });
      expect(report.code).not.toBe("internal.bug");
      expect(io.unit.counters).toMatchObject({ erases: 0, massErases: 0, readUnprotects: 0 });
      expect(io.unit.flash.read(BASE, 64).data).toEqual(before);
      expect(io.unit.protection).toBe(0);
      if (report.outcome !== "PASS") continue;
      expect(valuesOf(report)).toMatchObject({ BOR_LEV: 1, nWRP: 0xfff, WDG_SW: 1 });
    }
  });
});

describe("expected option bytes", () => {
  const image = imageAt(pattern(100));

  it("are checked before the first erase", async () => {
    const { flash, unit, destructive } = bench({
      part: partByName("f407"),
      before: pattern(64, 3),
    });
    const report = await flash({ image, expectOptions: { BOR_LEV: 0, RDP: "0" } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.mismatch", touched: false });
    expect(report.detail).toContain("BOR_LEV is 3, not 0");
    expect(unit.counters.erases).toBe(0);
    expect(destructive).toEqual([]);
  });

  it("let a unit pass that has them", async () => {
    const { flash } = bench({ part: partByName("f407") });
    expect(await flash({ image, expectOptions: { BOR_LEV: 3, RDP: "0" } })).toMatchObject({
      outcome: "PASS",
    });
  });
});

describe("read protection", () => {
  it("is set last, after options and flash were checked, and seen to work", async () => {
    const io = bench({ part: partByName("f407"), before: pattern(100) });
    const set = { RDP: 1, BOR_LEV: 1 };
    const wrong = await writeOptions({ ...io, set, image: imageAt(pattern(100, 2)) });
    expect(wrong).toMatchObject({ outcome: "FAIL", code: "flash.verify_mismatch" });
    expect(io.unit.counters.optionWrites).toBe(0);
    const report = await writeOptions({ ...io, set, image: imageAt(pattern(100)) });
    expect(report).toMatchObject({ outcome: "PASS", bytes: 100 });
    expect(io.unit.counters.optionWrites).toBe(2);
    expect(io.unit.protection).toBe(1);
  });

  it("of level 2 takes the unit off the bus for ever, when confirmed", async () => {
    const io = bench({ part: partByName("f407") });
    const report = await writeOptions({ ...io, set: { RDP: 2 }, confirmed: ["rdp2"] });
    expect(report).toMatchObject({ outcome: "PASS" });
    expect(io.unit.mode).toBe("absent");
  });

  it("is never lowered by writing options", async () => {
    const io = bench({ part: partByName("u585"), faults: [fault("read-protect=1")] });
    const report = await writeOptions({ ...io, family: "L5", set: { RDP: 0 } });
    expect(report.outcome).toBe("FAIL");
    expect(io.destructive).toEqual([]);
  });

  it("of level 0.5 is not written: nothing would show that it works", async () => {
    const io = bench({ part: partByName("l552") });
    const set = { RDP: "0.5", TZEN: 1 };
    const report = await writeOptions({ ...io, set, confirmed: ["tzen"] });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.value" });
    expect(io.unit.counters.optionWrites).toBe(0);
  });

  it.each(["f407", "f072", "h743", "u585", "l476"])(
    "is lifted on %s: proven, one 0x92, blank flash",
    async (name) => {
      const io = bench({
        part: partByName(name),
        before: pattern(64),
        faults: [fault("read-protect=1")],
      });
      const report = await unprotectUnit({ ...io, confirmed: "read-unprotect" });
      expect(report).toMatchObject({ outcome: "PASS" });
      expect(io.destructive).toEqual(["read unprotect"]);
      expect(io.unit.flash.read(BASE, 64).data).toEqual(
        new Uint8Array(64).fill(io.unit.flash.rules.erasedValue),
      );
      expect(io.unit.protection).toBe(0);
    },
    60_000,
  );

  it.each([
    ["without the typed confirmation", ["read-protect=1"], "yes", "usage.confirm"],
    ["on an open unit", [], "read-unprotect", "protection.none"],
    [
      "on a host that makes it up",
      ["false-vendor=always"],
      "read-unprotect",
      "protection.not_proven",
    ],
    ["on a host that stalls", ["stall=always"], "read-unprotect", "protection.not_proven"],
  ])("is not lifted %s", async (_, faults, confirmed, code) => {
    const io = bench({ part: partByName("f407"), before: pattern(64), faults: faults.map(fault) });
    const report = await unprotectUnit({ ...io, confirmed });
    expect(report).toMatchObject({ outcome: "FAIL", code });
    expect(io.destructive).toEqual([]);
    expect(io.unit.flash.read(BASE, 64).data).toEqual(pattern(64));
  });

  it("sends 0x92 at most once over links that lose things", async () => {
    const part = definePart({ family: "F4", sectors: [[4, 64]], transferSize: 16 });
    for (let seed = 1; seed <= 40; seed += 1) {
      const io = bench({
        part,
        faults: [fault("read-protect=1"), fault("lost-data=0.1"), fault("lost-status=0.1")],
        seed,
      });
      const report = await unprotectUnit({ ...io, family: "F4", confirmed: "read-unprotect" });
      expect(report.code).not.toBe("internal.bug");
      expect(io.destructive.length).toBeLessThanOrEqual(1);
      expect(io.destructive).not.toContain("mass erase");
      expect(report.outcome === "PASS").toBe(io.unit.protection === 0 && report.code === undefined);
    }
  });
});

describe("one-time memory", () => {
  const address = 0x1fff7800;
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

  it("is written only when forced by name, once, and read back", async () => {
    const io = bench({ part: partByName("f407") });
    expect(await writeOtp({ ...io, address, data })).toMatchObject({ code: "usage.confirm" });
    expect(io.destructive).toEqual([]);
    const confirmed = "otp";
    expect(await writeOtp({ ...io, address, data, confirmed })).toMatchObject({ outcome: "PASS" });
    expect((await readUnit({ ...io, address, length: 8 })).data).toEqual(data);
    const written = io.destructive.length;
    expect(await writeOtp({ ...io, address, data, confirmed })).toMatchObject({ outcome: "PASS" });
    expect(io.destructive).toHaveLength(written);
    const other = await writeOtp({ ...io, address, data: data.map((byte) => byte ^ 1), confirmed });
    expect(other).toMatchObject({ outcome: "FAIL", code: "options.otp" });
    const long = await writeOtp({ ...io, address, data: new Uint8Array(1024), confirmed });
    expect(long).toMatchObject({ code: "usage.range", detail: expect.stringMatching(/too many/) });
    const flash = await writeOtp({ ...io, address: BASE, data, confirmed });
    expect(flash).toMatchObject({ outcome: "FAIL", code: "usage.range" });
    expect(io.destructive).toHaveLength(written);
    expect(io.unit.illegal).toEqual([]);
  });
});
