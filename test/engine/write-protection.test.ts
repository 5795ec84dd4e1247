// Write-protected sectors: ROMs answer no error to their erase, so the option bytes are asked before and the memory after.
import { flashUnit, readOptions, writeOptions } from "@flashline/dfu-core";
import { DfuRequest, LinkError, LinkFault, wrapTransport } from "@flashline/dfu-core/protocol";
import { type Part, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, memoryStore, pattern } from "./bench.ts";
import { isRead } from "./bent.ts";

const BASE = 0x08000000;
const K = 1024;

/** The part with other bytes in its option bytes, by zone and offset. */
function withOptions(name: string, bytes: Readonly<Record<number, number>>, zone = 0): Part {
  const part = partByName(name);
  const zones = part.extra.filter(({ base }) => part.alternates[1]?.includes(hex(base)));
  const extra = part.extra.map((memory) => {
    if (memory !== zones[zone]) return memory;
    const content = Array.from(
      { length: memory.size },
      (_, at) => bytes[at] ?? memory.content?.[at] ?? 0xff,
    );
    return { ...memory, content };
  });
  return { ...part, extra };
}

const hex = (value: number) => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;

/** A word and its complement at an offset. */
const word = (at: number, value: number): Readonly<Record<number, number>> =>
  Object.fromEntries(
    [0, 1, 2, 3].flatMap((index) => {
      const byte = (value >>> (8 * index)) & 0xff;
      return [
        [at + index, byte],
        [at + 4 + index, byte ^ 0xff],
      ];
    }),
  );

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
    says: ["WRP1A_STRT is 0x3, WRP1A_END is 0x4", "--set WRP1A_STRT=0xff --set WRP1A_END=0x0"],
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

const sectorAt = (part: Part, address: number) => {
  let at = part.flash.base;
  for (const [count, size] of part.flash.sectors) {
    for (let index = 0; index < count; index += 1, at += size) {
      if (address < at + size) return { address: at, size };
    }
  }
  return expect.unreachable();
};

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
    expect(refused.detail).toContain(
      "flashline dfu options --set nWRP=0xfff --yes-i-mean write-protection",
    );
    const set = { nWRP: "0xfff" };
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

describe("option bytes that cannot be read", () => {
  const image = imageAt(pattern(3000));
  const bend = (
    answer: (reads: number, io: ReturnType<typeof bench>) => Promise<Uint8Array> | undefined,
  ) => {
    const io = bench({ part: partByName("f407") });
    let alternate = 0;
    let reads = 0;
    const transport = wrapTransport(io.transport, {
      selectAlternate: (wanted, signal) => {
        alternate = wanted;
        return io.transport.selectAlternate(wanted, signal);
      },
      controlIn: (request, value, length, timeoutMs, signal) => {
        const made = alternate === 1 && isRead(request, value) ? answer(++reads, io) : undefined;
        return made ?? io.transport.controlIn(request, value, length, timeoutMs, signal);
      },
    });
    return { ...io, transport };
  };
  const stall = () => Promise.reject(new LinkError(LinkFault.Stall, "STALL"));

  it("keep nobody from flashing, and a ROM that always refuses is no bad host", async () => {
    const { clock, transport } = bend(stall);
    const report = await flashUnit({ clock, transport, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false, profile: "standard" });
  });

  it.each([
    [
      "a refusal that vanishes",
      (reads: number) => (reads === 1 ? stall() : undefined),
      "link.stall",
    ],
    [
      "silence",
      (reads: number, { clock }: ReturnType<typeof bench>) =>
        reads > 1
          ? undefined
          : clock.sleep(2000).then(() => {
              throw new LinkError(LinkFault.Timeout, "silence");
            }),
      "link.timeout",
    ],
  ])("%s is the link's", async (_, answer, code) => {
    const { clock, transport } = bend(answer);
    const report = await flashUnit({ clock, transport, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true, profile: "gentle" });
    expect(report.incidents.map((incident) => incident.code)).toContain(code);
  });

  it("one read is not enough: what the second does not confirm is not believed", async () => {
    const lie = Uint8Array.from([
      0xff, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ]);
    const { clock, transport, unit } = bend((reads, io) =>
      reads === 1
        ? io.transport.controlIn(DfuRequest.Upload, 2, 16, 100).then(() => lie)
        : undefined,
    );
    expect(await flashUnit({ clock, transport, image })).toMatchObject({ outcome: "PASS" });
    expect(unit.flash.read(BASE, 3000).data).toEqual(pattern(3000));
  });

  it("are not read where the table only explains, nor where there is nothing to write", async () => {
    for (const [name, before] of [
      ["h743", undefined],
      ["f407", pattern(3000)],
    ] as const) {
      const io = bench({ part: partByName(name), ...(before === undefined ? {} : { before }) });
      const alternates: number[] = [];
      io.unit.onTransfer(() => alternates.push(io.unit.alternate));
      expect(await io.flash({ image })).toMatchObject({ outcome: "PASS" });
      expect(new Set(alternates)).toEqual(new Set([0]));
    }
  });
});

describe("a sector that proves not to be writable", () => {
  const fault = (text: string) => [parseFault(text).fault];

  it.each([
    // The seal is not erased.
    ["h743", { 28: 0xfe, 32: 0xfe }, "write-protect=0", pattern(2000, 9), "WRPSn1 is 0xfe"],
    // A blank sector takes nothing: before, this was a silent drop.
    ["h743", { 28: 0xfd, 32: 0xfd }, "write-protect=1", undefined, "WRPSn1 is 0xfd"],
    ["f722", { 1: 0xaa, 8: 0xfd, 9: 0x0f }, "write-protect=1", undefined, "nWRP is 0xffd"],
    ["l4r5", word(24, 0x0001_0001), "write-protect=1", undefined, "WRP1A_STRT is 0x1"],
  ])("%s: the option bytes are the second evidence", async (name, options, text, before, says) => {
    const part = withOptions(name, options);
    const { size } = sectorAt(part, BASE);
    const io = bench({ part, faults: fault(text), ...(before === undefined ? {} : { before }) });
    const report = await io.flash({ image: imageAt(pattern(size + 200)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.write_protected", blame: "unit" });
    expect(report.touched).toBe(true);
    expect(report.detail).toContain(says);
    expect(report.detail).toContain(
      part.family === "F7" ? "does not write option bytes of F7" : "--yes-i-mean write-protection",
    );
  });

  it("stays what it is where the option bytes do not name it", async () => {
    const part = withOptions("h743", { 28: 0xfb, 32: 0xfb });
    const image = imageAt(pattern(128 * K + 200));
    const { flash } = bench({ part, faults: fault("write-protect=1") });
    expect(await flash({ image })).toMatchObject({ code: "flash.silent_drop" });
  });

  it("stays what it is where they cannot be read then", async () => {
    const part = withOptions("h743", { 28: 0xfd, 32: 0xfd });
    const { transport, clock } = bench({ part, faults: fault("write-protect=1") });
    const blind = wrapTransport(transport, {
      selectAlternate: (alternate, signal) =>
        alternate === 1
          ? Promise.reject(new LinkError(LinkFault.Stall, "STALL"))
          : transport.selectAlternate(alternate, signal),
    });
    const image = imageAt(pattern(128 * K + 200));
    expect(await flashUnit({ transport: blind, clock, image })).toMatchObject({
      code: "flash.silent_drop",
    });
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
