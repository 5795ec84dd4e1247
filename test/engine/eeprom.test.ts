// Data EEPROM of L0 and L1 (rule 20, docs/protocol.md): written by words without an erase, after the flash and before the seal.
import {
  eraseUnit,
  readUnit,
  UNPROTECT_CONFIRMATION,
  unprotectUnit,
  verifyUnit,
} from "@flashline/dfu-core";
import { parseImage } from "@flashline/dfu-core/image";
import { DfuRequest } from "@flashline/dfu-core/protocol";
import {
  type Fault,
  nth,
  partByName,
  probability,
  type VirtualUnit,
} from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";

const FLASH = 0x0800_0000;
const EEPROM = 0x0808_0000;
const firmware = pattern(600);

/** S-records of parts at any addresses. */
function imageOf(...parts: readonly (readonly [address: number, data: Uint8Array])[]) {
  const lines = parts.flatMap(([address, data]) =>
    Array.from({ length: Math.ceil(data.length / 16) }, (_, line) => {
      const piece = data.subarray(line * 16, line * 16 + 16);
      const body = Buffer.alloc(5 + piece.length);
      body[0] = 5 + piece.length;
      body.writeUInt32BE(address + line * 16, 1);
      body.set(piece, 5);
      const sum = body.reduce((total, byte) => total + byte, 0);
      return `S3${body.toString("hex")}${((sum & 0xff) ^ 0xff).toString(16).padStart(2, "0")}`;
    }),
  );
  return parseImage(Buffer.from(`${lines.join("\n")}\nS70500000000FA\n`.toUpperCase()), {});
}

interface Setup {
  readonly chip?: string;
  readonly faults?: readonly Fault[];
  readonly seed?: number;
}

/** A unit whose EEPROM holds a pattern, and a record of what is written there. */
function unitWith({ chip = "l072", ...options }: Setup = {}) {
  const io = bench({ part: partByName(chip), ...options });
  const eeprom = io.unit.eeprom;
  if (eeprom === undefined) throw new TypeError(`${chip} has no data EEPROM`);
  const before = pattern(eeprom.size, 5);
  eeprom.load(EEPROM, before);
  const writes: { address: number; length: number; sealed: boolean }[] = [];
  let pointer = 0;
  io.unit.onTransfer((setup, data) => {
    if (setup.request !== DfuRequest.Dnload || data.length === 0) return;
    if (setup.value === 0 && data.length === 5) {
      pointer = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
    } else if (setup.value >= 2 && eeprom.contains(pointer)) {
      const sealed = !io.unit.flash
        .snapshot()
        .subarray(0, 8)
        .every((byte) => byte === 0);
      writes.push({ address: pointer, length: data.length, sealed });
    }
  });
  const held = () => eeprom.snapshot();
  /** What the EEPROM is to hold after an image with `data` at an offset. */
  const expected = (offset: number, data: Uint8Array) => {
    const wanted = before.slice();
    wanted.set(data, offset);
    return wanted;
  };
  return { ...io, eeprom, before, writes, held, expected };
}

const touched = (writes: readonly { readonly address: number; readonly length: number }[]) =>
  writes.map(({ address, length }) => [address - EEPROM, length]);

describe.each(["l072", "l152"])("the data EEPROM of %s", (chip) => {
  it("is written after the flash and before the seal, by words, and nothing beside the image changes", async () => {
    const io = unitWith({ chip });
    const data = pattern(103, 9);
    const report = await io.flash({ image: imageOf([FLASH, firmware], [EEPROM + 21, data]) });
    expect(report).toMatchObject({ outcome: "PASS", incidents: [], bytes: 703 });
    expect(io.held()).toEqual(io.expected(21, data));
    expect(io.unit.flash.snapshot().subarray(0, 600)).toEqual(firmware);
    expect(touched(io.writes)).toEqual([[20, 104]]);
    expect(io.writes.every(({ sealed }) => !sealed)).toBe(true);
    expect(io.unit.illegal).toEqual([]);
  });

  it("is not written where it holds the image already", async () => {
    const io = unitWith({ chip });
    const image = imageOf([FLASH, firmware], [EEPROM + 40, io.before.slice(40, 90)]);
    expect(await io.flash({ image })).toMatchObject({ outcome: "PASS" });
    expect(await io.flash({ image })).toMatchObject({ outcome: "PASS", erasedSectors: 0 });
    expect(io.writes).toEqual([]);
  });

  it("takes only the words that differ", async () => {
    const io = unitWith({ chip });
    const data = io.before.slice(0, 64);
    data[9] = (data[9] ?? 0) ^ 1;
    data[50] = (data[50] ?? 0) ^ 1;
    const image = imageOf([FLASH, firmware], [EEPROM, data]);
    expect(await io.flash({ image })).toMatchObject({ outcome: "PASS" });
    expect(touched(io.writes)).toEqual([
      [8, 4],
      [48, 4],
    ]);
    expect(io.held()).toEqual(io.expected(0, data));
  });

  it("is wiped with the flash when read protection is lifted", async () => {
    const { unit, transport, clock, eeprom } = unitWith({
      chip,
      faults: [{ kind: "read-protect", level: 1 }],
    });
    const report = await unprotectUnit({ transport, clock, confirmed: UNPROTECT_CONFIRMATION });
    expect(report.outcome).toBe("PASS");
    expect(unit.protection).toBe(0);
    expect(eeprom.snapshot().every((byte) => byte === 0)).toBe(true);
  });
});

describe("an image with data EEPROM", () => {
  const data = pattern(200, 3);
  const image = imageOf([FLASH, firmware], [EEPROM + 2, data]);

  it("goes onto a unit whose flash holds it already, with the seal broken meanwhile", async () => {
    const io = unitWith();
    io.unit.flash.load(FLASH, firmware);
    const report = await io.flash({ image });
    expect(report).toMatchObject({ outcome: "PASS", erasedSectors: 1 });
    expect(io.held()).toEqual(io.expected(2, data));
    expect(io.writes.every(({ sealed }) => !sealed)).toBe(true);
  });

  it("may have nothing else", async () => {
    const io = unitWith();
    const report = await io.flash({ image: imageOf([EEPROM + 2, data]), leave: false });
    expect(report).toMatchObject({ outcome: "PASS", bytes: 200, erasedSectors: 0 });
    expect(io.held()).toEqual(io.expected(2, data));
    expect(io.unit.counters.erases).toBe(0);
  });

  it("is refused where the unit has none, with nothing sent to be written", async () => {
    for (const chip of ["f072", "g431", "l476"]) {
      const io = bench({ part: partByName(chip) });
      const report = await io.flash({ image });
      expect(report.outcome).toBe("FAIL");
      expect(report.code).toMatch(/^image\./);
      expect(report.touched).toBe(false);
      expect(io.unit.counters.programs).toBe(0);
    }
  });

  it("is compared as a whole by verify, which names the address", async () => {
    const io = unitWith();
    await io.flash({ image });
    const { transport, clock } = io;
    expect(await verifyUnit({ transport, clock, image })).toMatchObject({ outcome: "PASS" });
    const cell = io.held().slice(101, 102);
    cell[0] = (cell[0] ?? 0) ^ 4;
    io.eeprom.load(EEPROM + 101, cell);
    expect(await verifyUnit({ transport, clock, image })).toMatchObject({
      code: "flash.verify_mismatch",
      address: EEPROM + 101,
    });
  });

  it("is read, and never erased", async () => {
    const io = unitWith();
    const { transport, clock } = io;
    const read = await readUnit({ transport, clock, address: EEPROM, length: 6144 });
    expect(read.data).toEqual(io.before);
    const where = { address: EEPROM, length: 4 };
    expect(await eraseUnit({ transport, clock, ...where })).toMatchObject({ code: "usage.range" });
    expect(io.held()).toEqual(io.before);
  });

  it("changes nothing in a dry run, which plans it", async () => {
    const io = unitWith();
    const report = await io.flash({ image, dryRun: true });
    expect(report).toMatchObject({ code: "attempt.cancelled", transfers: 0 });
    expect(io.held()).toEqual(io.before);
  });
});

describe("a unit that fails while its EEPROM is written", () => {
  const data = pattern(150, 3);
  const image = imageOf([FLASH, firmware], [EEPROM + 6, data]);

  /** Lets something happen when the EEPROM's first block was sent. */
  const atFirstWrite = (io: ReturnType<typeof unitWith>, what: (unit: VirtualUnit) => void) => {
    const end = io.unit.onTransfer((setup) => {
      if (setup.request !== DfuRequest.GetStatus || io.writes.length === 0) return;
      end();
      what(io.unit);
    });
  };

  it("goes on after its power was off, with what lay beside the image", async () => {
    const io = unitWith();
    atFirstWrite(io, (unit) => unit.unplug(300));
    const report = await io.flash({ image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(io.held()).toEqual(io.expected(6, data));
    expect(io.eeprom.isStable(EEPROM, 200)).toBe(true);
  });

  it("does not start when it stays away", async () => {
    const io = unitWith();
    atFirstWrite(io, (unit) => unit.unplug());
    expect(await io.flash({ image })).toMatchObject({ outcome: "FAIL", code: "link.lost" });
    expect(
      io.unit.flash
        .snapshot()
        .subarray(0, 8)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  it("is not taken for another one that came in its place", async () => {
    const io = unitWith();
    atFirstWrite(io, (unit) => unit.replace({ serial: unit.serial }));
    expect(await io.flash({ image })).toMatchObject({ outcome: "FAIL", code: "device.other" });
    expect(io.unit.eeprom?.snapshot().every((byte) => byte === 0)).toBe(true);
  });

  it("is written whole by the next attempt, even where it reads right", async () => {
    const io = unitWith();
    atFirstWrite(io, (unit) => unit.unplug());
    await io.flash({ image });
    io.unit.plug();
    await io.transport.reenumerate(60_000);
    io.eeprom.load(EEPROM + 6, data);
    io.writes.length = 0;
    expect(await io.flash({ image })).toMatchObject({ outcome: "PASS" });
    // Once to make them erasable for certain, once with what they are to hold.
    expect(touched(io.writes)).toEqual([
      [4, 152],
      [4, 152],
    ]);
  });

  it("holds every word for certain after its power failed in mid-write, also one that reads blank then", async () => {
    // Few bits a word: a torn one often reads as blank, with a cell between 0 and 1.
    const sparse = Uint8Array.from({ length: 64 }, (_, at) => Number(at % 4 === 1));
    let torn = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const io = unitWith({ seed });
      io.eeprom.load(EEPROM, sparse);
      atFirstWrite(io, (unit) => void io.clock.sleep(3).then(() => unit.powerCycle()));
      const report = await io.flash({
        image: imageOf([FLASH, firmware], [EEPROM, sparse]),
        knownDirty: true,
      });
      torn += Number(report.incidents.some(({ code }) => code === "link.reenumerated"));
      expect([seed, report.outcome]).toEqual([seed, "PASS"]);
      expect([seed, io.eeprom.isStable(EEPROM, sparse.length)]).toEqual([seed, true]);
      expect(io.held().subarray(0, sparse.length)).toEqual(sparse);
    }
    expect(torn).toBeGreaterThan(10);
  });

  it.each<[string, Fault, string]>([
    ["a cell is stuck", { kind: "stuck", address: EEPROM + 40, mask: 2, value: 2 }, "mismatch"],
    ["a cell is stuck", { kind: "stuck", address: EEPROM + 40, mask: 2, value: 0 }, "mismatch"],
  ])("fails by its own fault where %s: %o", async (_, fault) => {
    const io = unitWith({ faults: [fault] });
    const report = await io.flash({ image });
    const bit = ((data[34] ?? 0) & 2) === (fault.kind === "stuck" ? fault.value : 0);
    expect(report.code).toBe(bit ? undefined : "flash.verify_mismatch");
  });

  it.each<[string, Fault]>([
    ["a data stage is lost", { kind: "lost-data", trigger: probability(0.15) }],
    ["a bit flips", { kind: "bit-flip", trigger: probability(0.2) }],
    ["writes are dropped now and then", { kind: "silent-drop", trigger: nth(3) }],
    ["it hangs", { kind: "busy-wedge", clearedBy: "reset", silent: true, trigger: nth(9) }],
  ])("never passes wrong and keeps what lies beside where %s", async (_, fault) => {
    let passed = 0;
    for (let seed = 1; seed <= 6; seed += 1) {
      const io = unitWith({ faults: [fault], seed });
      const report = await io.flash({ image });
      const beside = [...io.before.keys()].filter((at) => at < 4 || at >= 156);
      expect(beside.filter((at) => io.held()[at] !== io.before[at])).toEqual([]);
      if (report.outcome === "FAIL") continue;
      passed += 1;
      expect(io.held()).toEqual(io.expected(6, data));
    }
    expect(passed).toBeGreaterThan(0);
  });
});
