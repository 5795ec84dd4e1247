// What a unit that is cut off leaves half done, where a lost data stage hides it: cells that read as they should now and otherwise tomorrow.
import { eraseUnit, type FlashOptions } from "@flashline/dfu-core";
import { definePart, type Fault, LIBRARY, nth, type Part } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, imageAt, memoryStore, pattern } from "./bench.ts";

const BASE = 0x08000000;
/** Behind a bootloader of 128 bytes. */
const START = BASE + 128;
type Family = "F1" | "F4" | "G4" | "H7";

/** A product's own bootloader, which shows its own two sectors unless `alternates` say otherwise. */
const libraryPart = (
  family: Family,
  sectors: Part["flash"]["sectors"] = [[6, 64]],
  alternates = ["@Internal Flash   /0x08000000/2*64 a,4*64 g"],
): Part =>
  definePart({
    family,
    sectors,
    alternates,
    transferSize: 32,
    usb: { product: "Motor drive DFU" },
    rom: { ...LIBRARY, defaultPointer: START },
  });

it.each(
  (["F4", "G4", "H7"] as const).flatMap((family) =>
    [1, 2].flatMap((erase) => [
      { family, erase, named: true },
      { family, erase, named: false },
    ]),
  ),
)(
  "behind a bootloader of ST's library a unit is brought back: $family, erase $erase was cut off, family named: $named",
  async ({ family, erase, named }) => {
    const { flash, unit, clock, transport } = bench({
      part: libraryPart(family),
      faults: [{ kind: "erase-cut", trigger: nth(erase), backAfterMs: 20_000 }],
      before: pattern(384, 9),
      seed: 3,
    });
    const options: FlashOptions = {
      image: imageAt(pattern(128, 3), START),
      profile: "gentle",
      ...(named ? { family } : {}),
    };
    expect(await flash(options)).toMatchObject({ outcome: "FAIL", touched: true });
    await clock.sleep(30_000);
    await transport.reenumerate(60_000);
    expect(await flash({ ...options, knownDirty: true })).toMatchObject({ outcome: "PASS" });
    expect(unit.flash.isStable(START, 128)).toBe(true);
    expect(unit.flash.read(START, 128).data).toEqual(pattern(128, 3));
  },
);

it("an erase is proven in spite of a place beside it that was cut off as well", async () => {
  // The bootloader is not shown. Of two sectors of the image both were cut off, and what lies behind them comes last.
  const part = libraryPart(
    "F1",
    [
      [2, 64],
      [1, 8],
      [2, 64],
    ],
    ["@Internal Flash   /0x08000080/1*8 g,2*64 g"],
  );
  const data = new Uint8Array(72).fill(0xfe);
  for (const seed of [73, 142, 393]) {
    const { flash, unit } = bench({ part, seed, before: pattern(264, 9) });
    unit.flash.load(START, new Uint8Array(72).fill(0xff));
    unit.flash.program(START + 8, data.subarray(8, 18));
    unit.flash.tear(START + 18, data.subarray(18, 20));
    unit.flash.tear(START, data.subarray(0, 2));
    unit.addFault({ kind: "lost-data", trigger: nth(2) });
    const image = imageAt(data, START);
    const report = await flash({ image, family: "F1", profile: "gentle", knownDirty: true });
    expect(report.outcome).toBe("PASS");
    expect(unit.flash.isStable(START, 72)).toBe(true);
  }
});

it("a block that went astray and was cut off there is written again", async () => {
  const data = new Uint8Array(128).fill(0x5a);
  data[65] = 0x58;
  // The SET_ADDRESS of the second sector's first block, which then falls on the block before it.
  const faults: Fault[] = [
    { kind: "lost-data", trigger: nth(16) },
    { kind: "power-cut", afterBytes: 57, backAfterMs: 1000 },
  ];
  for (let seed = 1; seed <= 16; seed += 1) {
    const { flash, unit } = bench({
      part: libraryPart("F4"),
      before: pattern(384, 9),
      faults,
      seed,
    });
    const image = imageAt(data, START);
    const report = await flash({ image, family: "F4", profile: "gentle" });
    expect(report.outcome).toBe("PASS");
    expect(unit.flash.isStable(START, 128)).toBe(true);
  }
});

it("an erase that was executed in the place of another one and cut off is repeated", async () => {
  const part = definePart({
    family: "F4",
    sectors: [
      [1, 16],
      [3, 1],
    ],
    transferSize: 16,
  });
  // With these the cells read as erased and as the image when the engine looks.
  for (const seed of [603, 10_413]) {
    const { flash, unit } = bench({
      part,
      seed,
      timing: "none",
      before: pattern(19, 9),
      faults: [{ kind: "erase-cut", trigger: nth(3), backAfterMs: 1000 }],
    });
    const erased: number[] = [];
    unit.onTransfer(({ request }, data) => {
      if (request !== 1 || data[0] !== 0x41) return;
      erased.push(new DataView(data.buffer, data.byteOffset).getUint32(1, true) - BASE);
      if (erased.length === 2) unit.addFault({ kind: "lost-data", trigger: nth(1) });
    });
    const image = imageAt(new Uint8Array(19).fill(0x7e), BASE);
    expect(await flash({ image, family: "F4" })).toMatchObject({ outcome: "PASS" });
    expect(unit.flash.isStable(BASE, 19)).toBe(true);
    expect(erased).toEqual([0, 16, 17, 17, 16, 18]);
  }
});

it("a mass erase whose data is lost is noticed where the flash reads blank by chance", async () => {
  const part = definePart({ family: "F1", sectors: [[4, 64]], transferSize: 32 });
  const image = imageAt(new Uint8Array(256).fill(0xfe));
  for (let seed = 1; seed <= 20; seed += 1) {
    const { flash, unit, clock, transport } = bench({
      part,
      seed,
      before: pattern(256, 9),
      faults: [{ kind: "power-cut", afterBytes: 1, backAfterMs: 20_000 }],
    });
    await flash({ image, family: "F1" });
    await clock.sleep(30_000);
    await transport.reenumerate(60_000);
    // The n-th data stage of the erase; the command itself is one of the first.
    unit.addFault({ kind: "lost-data", trigger: nth(1 + (seed % 2)) });
    const report = await eraseUnit({ transport, clock, family: "F1", mass: true });
    expect(report.outcome).toBe("PASS");
    expect(unit.flash.isStable(BASE, 256)).toBe(true);
  }
});

it("a bootloader of ST's library, which knows no mass erase, is asked to erase each sector that is not its own", async () => {
  const before = pattern(384, 9);
  for (let lost = 1; lost <= 8; lost += 1) {
    const { unit, transport, clock, destructive } = bench({
      part: libraryPart("F4"),
      before,
      faults: [{ kind: "lost-data", trigger: nth(lost) }],
    });
    const report = await eraseUnit({ transport, clock, family: "F4", mass: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(destructive).toEqual([]);
    const expected = before.slice().fill(0xff, 128);
    expect(unit.flash.snapshot()).toEqual(expected);
  }
});

/** Over a part of four sectors of 64 bytes, with storage for what the image does not cover. */
function preserving(
  image: FlashOptions["image"],
  seed: number,
  cut: Fault,
  before = pattern(256, 9),
) {
  const part = definePart({ family: "F4", sectors: [[4, 64]], transferSize: 32 });
  const { flash, unit, clock, transport } = bench({ part, before, seed, faults: [cut] });
  const { store: snapshots } = memoryStore();
  const options = { image, family: "F4", remainder: "preserve", snapshotName: "u" } as const;
  return {
    unit,
    before,
    flash,
    attempt: (knownDirty = false) => flash({ ...options, snapshots, knownDirty }),
    async comesBack() {
      await clock.sleep(30_000);
      await transport.reenumerate(60_000);
    },
  };
}

it.each([1, 40, 70, 90])(
  "a seal that is blank does not say that a remainder was written back, after %d bytes",
  async (afterBytes) => {
    const data = pattern(96, 3).fill(0xff, 0, 16);
    const cut: Fault = { kind: "power-cut", afterBytes, backAfterMs: 20_000 };
    const { unit, before, attempt, comesBack } = preserving(imageAt(data), 1, cut);
    expect(await attempt()).toMatchObject({ outcome: "FAIL", touched: true });
    await comesBack();
    // Nothing of the snapshot is lost until somebody says what it is.
    expect(await attempt()).toMatchObject({ outcome: "FAIL", code: "plan.remainder" });
    expect(await attempt(true)).toMatchObject({ outcome: "PASS" });
    const expected = Uint8Array.from([...data, ...before.subarray(96)]);
    expect(unit.flash.read(BASE, 256).data).toEqual(expected);
    expect(unit.flash.isStable(BASE, 256)).toBe(true);
  },
);

it("a snapshot that is taken over says that nothing on the unit may be kept, though all of it reads blank", async () => {
  // The remainder of the first sector is blank, so that the first cells to be written are those of the second sector; they are torn.
  const before = pattern(256, 9).fill(0xff, 0, 56);
  const data = pattern(72, 3);
  data.set([0xff, 0xfe], 8);
  for (let seed = 1; seed <= 30; seed += 1) {
    const cut: Fault = { kind: "power-cut", afterBytes: 1, backAfterMs: 20_000 };
    const image = imageAt(data, BASE + 56);
    const { unit, attempt, comesBack } = preserving(image, seed, cut, before);
    expect(await attempt()).toMatchObject({ outcome: "FAIL", touched: true });
    await comesBack();
    expect(await attempt()).toMatchObject({ outcome: "PASS", erasedSectors: 2 });
    expect(unit.flash.isStable(BASE, 128)).toBe(true);
    const expected = Uint8Array.from([...before.subarray(0, 56), ...data, ...before.subarray(128)]);
    expect(unit.flash.read(BASE, 256).data).toEqual(expected);
  }
});

it("a snapshot that stayed is not put over what another image's application wrote since", async () => {
  const cut: Fault = { kind: "power-cut", afterBytes: 50, backAfterMs: 20_000 };
  const image = imageAt(pattern(96, 3));
  const { unit, attempt, comesBack, flash } = preserving(image, 1, cut);
  expect(await attempt()).toMatchObject({ outcome: "FAIL", touched: true });
  await comesBack();
  const another = { image: imageAt(pattern(96, 7)), family: "F4", knownDirty: true } as const;
  expect(await flash(another)).toMatchObject({ outcome: "PASS" });
  const settings = new Uint8Array(32).fill(0x11);
  unit.flash.program(BASE + 96, settings);
  expect(await attempt()).toMatchObject({ outcome: "FAIL", code: "plan.remainder" });
  expect(unit.flash.read(BASE + 96, 32).data).toEqual(settings);
});
