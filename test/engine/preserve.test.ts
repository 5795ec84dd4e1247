import { type FlashOptions, flashUnit, parseImage } from "@flashline/dfu-core";
import { encodeDfuse } from "@flashline/dfu-core/image";
import { definePart, type Fault, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, memoryStore, pattern } from "./bench.ts";

const BASE = 0x08000000;
const SIZE = 384;
const BEFORE = pattern(SIZE, 9);
const DATA = pattern(300);
const fault = (text: string): Fault => parseFault(text).fault;

function preserving(...faults: readonly string[]) {
  const memory = memoryStore();
  const io = bench({ before: BEFORE, faults: faults.map(fault) });
  const recipe = { family: "F4", remainder: "preserve", snapshotName: "unit 1" } as const;
  const flash = (options: Partial<FlashOptions> = {}) =>
    io.flash({ image: imageAt(DATA), ...recipe, snapshots: memory.store, ...options });
  const content = () => io.unit.flash.read(BASE, SIZE).data;
  return { ...io, ...memory, recipe, flash, content };
}

/** What a whole sector-by-sector preserving attempt leaves behind. */
function merged(data: Uint8Array, address = BASE, before = BEFORE): Uint8Array {
  const expected = before.slice();
  expected.set(data, address - BASE);
  return expected;
}

describe("a preserved remainder", () => {
  it("is in storage before the first erase, written back, verified, and forgotten after PASS", async () => {
    const { flash, content, asked, kept, unit } = preserving();
    unit.onTransfer((setup, data) => {
      if (setup.request === 1 && setup.value === 0 && data[0] === 0x41) asked.push("erase");
    });
    expect(await flash()).toMatchObject({ outcome: "PASS", linkIncident: false, bytes: 300 });
    expect(content()).toEqual(merged(DATA));
    expect(asked.filter((name, at) => name !== asked[at - 1])).toEqual([
      "load",
      "save",
      "erase",
      "forget",
    ]);
    expect(kept.size).toBe(0);
    expect(unit.illegal).toEqual([]);
  });

  it.each([
    ["F4", BASE + 70],
    ["H7", BASE + 128],
    ["L0", BASE + 36],
    ["F0", BASE + 3],
  ] as const)(
    "survives on %s with an image from the middle of a sector",
    async (family, address) => {
      const part = definePart({ family, sectors: [[6, 64]], transferSize: 32 });
      const { store } = memoryStore();
      const { flash, unit } = bench({ part, before: BEFORE });
      const data = pattern(101, 3);
      const image = imageAt(data, address);
      const report = await flash({
        image,
        family,
        remainder: "preserve",
        snapshotName: "u",
        snapshots: store,
      });
      expect(report).toMatchObject({ outcome: "PASS" });
      expect(unit.flash.read(BASE, SIZE).data).toEqual(merged(data, address));
      expect(unit.illegal).toEqual([]);
    },
  );

  it.each([undefined, true])(
    "is put back by the next attempt after an interruption (known: %s)",
    async (known) => {
      const { flash, content, kept, unit } = preserving("unplug=200");
      expect(await flash()).toMatchObject({ outcome: "FAIL", code: "link.lost", touched: true });
      expect(kept.size).toBe(1);
      unit.plug();
      const again = await flash(known === undefined ? {} : { knownDirty: known });
      expect(again).toMatchObject({ outcome: "PASS" });
      expect(content()).toEqual(merged(DATA));
      expect(kept.size).toBe(0);
    },
  );

  it("is taken anew from a unit that was done although its snapshot was never forgotten", async () => {
    const { flash, content, kept, unit } = preserving("unplug=200");
    await flash();
    const [stale] = [...kept.values()];
    unit.plug();
    await flash();
    unit.flash.eraseAt(BASE + 256);
    unit.flash.load(BASE + 256, pattern(128, 77));
    if (stale) kept.set("unit 1", stale);
    expect(await flash({ image: imageAt(DATA.map((byte) => byte ^ 1)) })).toMatchObject({
      outcome: "PASS",
    });
    expect(content().slice(300)).toEqual(pattern(128, 77).slice(44));
  });

  it("is not guessed where the unit says neither: the old seal stands and the rest is different", async () => {
    const { flash, kept, unit } = preserving("unplug=200");
    await flash();
    const [stale] = [...kept.values()];
    const other = preserving();
    if (stale) other.kept.set("unit 1", stale);
    other.unit.flash.load(BASE + 310, pattern(10, 5));
    expect(await other.flash()).toMatchObject({ code: "plan.remainder", touched: false });
    expect(unit.counters.massErases).toBe(0);
  });

  it.each([
    ["without storage", { snapshots: undefined }, "plan.remainder"],
    ["without the unit's name", { snapshotName: undefined }, "usage.argument"],
    ["after an interruption without a snapshot", { knownDirty: true }, "plan.remainder"],
  ])("is refused %s", async (_when, options, code) => {
    const { recipe, unit, transport, clock, store, content } = preserving();
    const report = await flashUnit({
      transport,
      clock,
      image: imageAt(DATA),
      ...recipe,
      snapshots: store,
      ...(options as object),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code, touched: false });
    expect(content()).toEqual(BEFORE);
    expect(unit.counters.erases).toBe(0);
  });

  it("is refused from a snapshot of another unit, a broken one, and one that another image left", async () => {
    const { flash, kept, unit } = preserving("unplug=200");
    await flash();
    const [snapshot] = [...kept.values()];
    if (snapshot === undefined) throw new TypeError("no snapshot");
    const other = preserving();
    const { flash: flashOther } = other;
    other.kept.set("unit 1", snapshot);
    other.unit.replace({ serial: "OTHER" });
    const { transport, clock, recipe, store } = other;
    await transport.reenumerate(1000);
    const options = { transport, clock, image: imageAt(DATA), ...recipe, snapshots: store };
    expect(await flashUnit(options)).toMatchObject({ code: "plan.remainder", touched: false });
    other.kept.set(
      "unit 1",
      snapshot.map((byte, at) => (at === 60 ? byte ^ 1 : byte)),
    );
    expect(await flashOther()).toMatchObject({ code: "snapshot.store", blame: "system" });
    unit.plug();
    expect(await flash({ image: imageAt(DATA.slice(0, 100)) })).toMatchObject({
      code: "plan.remainder",
      touched: false,
    });
  });

  it("of nothing is no snapshot: an image that covers its sectors leaves none", async () => {
    const { flash, asked, content } = preserving();
    const whole = imageAt(pattern(SIZE, 4));
    expect(await flash({ image: whole })).toMatchObject({ outcome: "PASS" });
    expect(asked).not.toContain("save");
    expect(content()).toEqual(pattern(SIZE, 4));
  });

  it("is read until two reads of one stay agree", async () => {
    const { flash, content, unit } = preserving();
    let reads = 0;
    unit.onTransfer((setup, data) => {
      const address =
        setup.request === 1 && setup.value === 0 && data[0] === 0x21 && data.length === 5
          ? new DataView(data.buffer, data.byteOffset).getUint32(1, true)
          : 0;
      reads += Number(address === BASE + 256);
      // Once to compare the sector, once for the snapshot.
      if (reads === 2 && address === BASE + 256) unit.unplug(200);
    });
    expect(await flash()).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(content()).toEqual(merged(DATA));
  });

  it("is refused of a sector that an interrupted attempt covered with another image", async () => {
    const { flash, unit } = preserving("unplug=200");
    expect(await flash({ image: imageAt(pattern(310, 2)) })).toMatchObject({ code: "link.lost" });
    unit.plug();
    const parts = [BASE, BASE + 256].map((address) => ({ address, data: pattern(32, 3) }));
    const report = await flash({ image: parseImage(encodeDfuse(parts)), knownDirty: true });
    expect(report).toMatchObject({ code: "plan.remainder", address: BASE, touched: false });
    expect(report.detail).toContain("nothing of it is left to preserve");
  });

  it("ends with snapshot.store when storage fails, untouched where it fails before the erase", async () => {
    const { flash, store, unit } = preserving();
    const failing = (action: "save" | "forget") => ({
      ...store,
      [action]: () => Promise.reject(new TypeError("disk full")),
    });
    expect(await flash({ snapshots: failing("save") } as object)).toMatchObject({
      code: "snapshot.store",
      touched: false,
    });
    expect(unit.counters.erases).toBe(0);
    expect(await flash({ snapshots: failing("forget") } as object)).toMatchObject({
      outcome: "FAIL",
      code: "snapshot.store",
      touched: true,
    });
  });

  it("is kept beside a first word that cannot be read: an attempt was cut off in it", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const { store } = memoryStore();
    const { flash, unit } = bench({ part, before: BEFORE.slice(0, 256) });
    unit.flash.tear(BASE + 64, pattern(32, 5));
    // The sector that it is in is covered whole; the remainder is the next one's.
    const recipe = { family: "H7", remainder: "preserve", snapshotName: "u" } as const;
    const image = imageAt(DATA.slice(0, 100), BASE + 64);
    const report = await flash({ image, ...recipe, snapshots: store });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.flash.read(BASE, 256).data).toEqual(
      merged(DATA.slice(0, 100), BASE + 64).slice(0, 256),
    );
  });
});

it("a sector that must not be erased is not, even when it reads back wrong later", async () => {
  const before = BEFORE.slice();
  before.set(DATA.slice(256), 256);
  const { transport, clock, unit } = bench({ before });
  let broken = false;
  const report = await flashUnit({
    transport,
    clock,
    image: imageAt(DATA),
    family: "F4",
    remainder: "refuse",
    onEvent: (event) => {
      if (broken || event.event !== "progress" || event.phase !== "verify") return;
      broken = true;
      unit.flash.load(BASE + 290, Uint8Array.of(0));
    },
  });
  expect(report).toMatchObject({ outcome: "FAIL", code: "plan.remainder", touched: true });
  expect(unit.flash.read(BASE + 300, 84).data).toEqual(before.slice(300));
});
