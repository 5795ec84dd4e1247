// Write-protected sectors: ROMs answer no error to their erase, so the option bytes are asked before and the memory after.
import { eraseUnit, flashUnit, readOptions, writeOptions } from "@flashline/dfu-core";
import { wrapTransport } from "@flashline/dfu-core/protocol";
import { parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, memoryStore, pattern } from "./bench.ts";
import { isRead } from "./bent.ts";
import { sectorAt, withOptions, word } from "./option-parts.ts";

const BASE = 0x08000000;
const K = 1024;

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<number, number>>;
  readonly zone?: number;
  readonly chip?: string;
  /** The first address that is protected. */
  readonly at: number;
  /** What the detail names. */
  readonly says: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "f407", options: { 8: 0xfd }, at: BASE + 16 * K, says: ["nWRP is 0xffd", "nWRP=0xfff"] },
  // Bit 5 is the first sector of 128 KiB.
  { name: "f407", options: { 8: 0xdf }, at: BASE + 128 * K, says: ["nWRP is 0xfdf"] },
  { name: "f429", options: { 8: 0xfe }, zone: 1, at: BASE + K * K, says: ["nWRP2 is 0xffe"] },
  // A bit is 4 KiB: two pages of 2 KiB, and four of 1 KiB on F042.
  { name: "f072", options: { 8: 0xfb, 9: 0x04 }, at: BASE + 8 * K, says: ["WRP0 is 0xfb"] },
  { name: "f042", options: { 8: 0x7f, 9: 0x80 }, at: BASE + 28 * K, says: ["WRP0 is 0x7f"] },
  // The last bit is for all the rest.
  { name: "f072", options: { 14: 0x7f, 15: 0x80 }, at: BASE + 124 * K, says: ["WRP3=0xff"] },
  {
    name: "l476",
    options: word(24, 0x0004_0003),
    at: BASE + 6 * K,
    says: ["WRP1A_STRT is 0x3, WRP1A_END is 0x4", "to clear: WRP1A_STRT=0xff WRP1A_END=0x0"],
  },
  // Bits that the part lacks read as ones (G431 has 64 pages, and the field 7 bits).
  {
    name: "g431",
    chip: "STM32G431",
    options: word(32, 0x0042_0041),
    at: BASE + 2 * K,
    says: ["WRP1B_STRT is 0x41"],
  },
  {
    name: "g474",
    chip: "STM32G474",
    zone: 1,
    options: word(24, 0x0000_0000),
    at: BASE + 256 * K,
    says: ["WRP2A_STRT is 0x0"],
  },
];

describe("option bytes that protect a sector", () => {
  it.each(CASES)("$name, $says: refused before the first erase", async (given) => {
    const { name, options, zone, chip, at, says } = given;
    const part = withOptions(name, options, zone);
    const { size } = sectorAt(part, at);
    const data = pattern(size + 100);
    const last =
      at + data.length > BASE + part.flash.sectors.reduce((sum, [n, s]) => sum + n * s, 0);
    const content = last ? data.slice(0, size) : data;
    const named = chip === undefined ? {} : { chip };
    const { unit, flash } = bench({ part });
    const report = await flash({ image: imageAt(content, at), ...named });
    expect(report).toMatchObject({
      outcome: "FAIL",
      code: "flash.write_protected",
      blame: "unit",
      phase: "compare",
      address: at,
      touched: false,
      linkIncident: false,
    });
    for (const words of says) expect(report.detail).toContain(words);
    expect(unit.counters.erases).toBe(0);
    expect(unit.illegal).toEqual([]);
    // The sector below it is free.
    const below = bench({ part });
    const length = Math.min(256, at - BASE);
    if (length > 0) {
      const free = imageAt(pattern(length), at - length);
      expect(await below.flash({ image: free, ...named })).toMatchObject({ outcome: "PASS" });
    }
  });

  it("what the report says clears it, and then it passes", async () => {
    const { flash, unit, transport, clock } = bench({ part: withOptions("f407", { 8: 0xfc }) });
    const image = imageAt(pattern(30_000));
    const refused = await flash({ image });
    expect(refused.detail).toContain("2 of 2 sectors");
    expect(refused.detail).toContain("to clear: nWRP=0xfff");
    const { cure: set = {} } = refused;
    expect(set).toEqual({ nWRP: "0xfff" });
    const cleared = await writeOptions({ transport, clock, set, confirmed: ["write-protection"] });
    expect(cleared).toMatchObject({ outcome: "PASS" });
    expect(await flashUnit({ transport, clock, image })).toMatchObject({ outcome: "PASS" });
    expect(unit.flash.read(BASE, 30_000).data).toEqual(pattern(30_000));
  });

  it("does not matter for sectors that hold the image already, nor for those that it leaves alone", async () => {
    const part = withOptions("f407", { 8: 0xfd });
    const same = bench({ part, before: pattern(30_000) });
    const report = await same.flash({ image: imageAt(pattern(30_000)) });
    expect(report).toMatchObject({ outcome: "PASS", touched: false });
    const kept = pattern(30_000);
    kept[3] = 0x77;
    const other = bench({ part, before: kept });
    expect(await other.flash({ image: imageAt(pattern(30_000)) })).toMatchObject({
      outcome: "PASS",
      erasedSectors: 1,
    });
  });

  it("leaves no snapshot behind, and refuses a unit whose last attempt was cut off in the same way", async () => {
    const { kept, store } = memoryStore();
    const io = bench({ part: withOptions("f407", { 8: 0xfd }) });
    const image = imageAt(pattern(30_000));
    const preserved = { remainder: "preserve", snapshotName: "u1", snapshots: store } as const;
    const report = await io.flash({ image, ...preserved });
    expect(report).toMatchObject({ code: "flash.write_protected", touched: false });
    expect(kept.size).toBe(0);
    const dirty = await io.flash({ image, knownDirty: true });
    expect(dirty).toMatchObject({ code: "flash.write_protected", touched: false });
  });

  it.each([
    ["F42x with SPRMOD, where the bits are PCROP", "f429", { 8: 0xfd, 9: 0x8f }, 0],
    ["an F4 whose bit 15 may be SPRMOD", "f446", { 8: 0xfd, 9: 0x8f }, 0],
    ["complements that do not match", "f072", { 8: 0xfb }, 0],
    ["a block that shows read protection, and is read all the same", "f407", { 1: 0x3c, 8: 0 }, 0],
    ["G474 with BFB2, whose banks may be swapped", "g474", word(0, 0xffff_f8aa), 0],
  ])("says nothing: %s", async (_, name, options, zone) => {
    const part = withOptions(
      name,
      name === "g474" ? { ...options, ...word(24, 0) } : options,
      zone,
    );
    // Only what is shown: the flash itself takes everything.
    const unit = bench({ part });
    const { transport } = unit;
    const shown = part.extra[0]?.content ?? [];
    const open = bench({ part: partByName(name) });
    let alternate = 0;
    const lying = wrapTransport(open.transport, {
      selectAlternate: (wanted, signal) => {
        alternate = wanted;
        return open.transport.selectAlternate(wanted, signal);
      },
      controlIn: async (request, value, length, timeoutMs, signal) => {
        const data = await open.transport.controlIn(request, value, length, timeoutMs, signal);
        return alternate === 1 && isRead(request, value)
          ? Uint8Array.from(shown.slice(0, data.length))
          : data;
      },
    });
    await transport.close();
    const report = await flashUnit({
      transport: lying,
      clock: open.clock,
      image: imageAt(pattern(30_000)),
    });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
  });
});

describe("an erase that was asked for", () => {
  const before = pattern(40_000, 9);

  it.each([
    ["of a range", { address: BASE, length: 20 * K }, "1 of 2 sectors"],
    ["of everything", { mass: true }, "1 of 12 sectors"],
  ])("%s is refused before anything is erased", async (_, what, many) => {
    const { transport, clock, unit, destructive } = bench({
      part: withOptions("f407", { 8: 0xfd }),
      before,
    });
    expect(await eraseUnit({ transport, clock, ...what })).toMatchObject({
      outcome: "FAIL",
      code: "flash.write_protected",
      blame: "unit",
      phase: "erase",
      address: BASE + 16 * K,
      touched: false,
      linkIncident: false,
      erasedSectors: 0,
      detail: expect.stringMatching(`${many}.*nWRP is 0xffd.*to clear: nWRP=0xfff`),
    });
    expect(destructive).toEqual([]);
    expect(unit.counters.erases).toBe(0);
    expect(unit.flash.read(BASE, before.length).data).toEqual(before);
    expect(unit.illegal).toEqual([]);
  });

  it("of free sectors beside it is done, and one command of the link's is not lost for the look", async () => {
    const part = withOptions("f407", { 8: 0xfd });
    for (const faults of [[], [parseFault("stall=3").fault]]) {
      const { transport, clock, unit } = bench({ part, before, faults });
      const report = await eraseUnit({ transport, clock, address: BASE, length: 16 * K });
      expect(report).toMatchObject({ outcome: "PASS", erasedSectors: 1 });
      const free = unit.flash.read(BASE, 16 * K).data;
      expect(free).toEqual(new Uint8Array(16 * K).fill(0xff));
      const [from, to] = [16 * K, before.length];
      expect(unit.flash.read(BASE + from, to - from).data).toEqual(before.slice(from));
    }
  });

  it("has the option bytes as second evidence where only reading back finds it", async () => {
    const part = withOptions("h743", { 28: 0xfe, 32: 0xfe });
    const faults = [parseFault("write-protect=0").fault];
    const { transport, clock } = bench({ part, faults, before });
    const report = await eraseUnit({ transport, clock, address: BASE, length: 128 * K });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.write_protected", touched: true });
    expect(report.detail).toContain("WRPSn1 is 0xfe");
  });
});

describe("tables that are shown for write protection alone", () => {
  it.each([
    ["f303", "STM32F303", "F3", { WRP0: 0xff, RDP: 0xaa }],
    ["f107", "STM32F107", "F1", { WRP3: 0xff, RDP: 0xa5 }],
  ])("%s reads by name, and is not written", async (name, chip, table, values) => {
    const io = { ...bench({ part: partByName(name) }), chip };
    const { options } = await readOptions(io);
    expect(options).toMatchObject({ table, corrupt: [] });
    const shown = Object.fromEntries(options?.values.map((one) => [one.name, one.value]) ?? []);
    expect(shown).toMatchObject(values);
    expect(options?.values.find((one) => one.name === "RDP")?.meaning).toBe("level 0");
    const written = await writeOptions({ ...io, set: { nRST_STOP: 0 } });
    expect(written).toMatchObject({ code: "options.unknown" });
    const blocked = withOptions(name, { 8: 0xfe, 9: 0x01 });
    const unit = bench({ part: blocked });
    expect(await unit.flash({ image: imageAt(pattern(100)), chip })).toMatchObject({
      code: "flash.write_protected",
      touched: false,
    });
  });
});
