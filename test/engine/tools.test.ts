import { eraseUnit, leaveUnit, readUnit, unitInfo, verifyUnit } from "@flashline/dfu-core";
import { DfuStatus } from "@flashline/dfu-core/protocol";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { isErase, refusing } from "./bent.ts";

const BASE = 0x08000000;
const DATA = pattern(384, 4);
const f4 = { family: "F4" } as const;

describe("readUnit", () => {
  it("gives the bytes, from any address and of any length", async () => {
    const io = bench({ before: DATA });
    const report = await readUnit({ ...io, ...f4, address: BASE + 5, length: 333 });
    expect(report).toMatchObject({ outcome: "PASS", bytes: 333 });
    expect(report.data).toEqual(DATA.slice(5, 338));
    expect(io.unit.illegal).toEqual([]);
  });

  it("gives the right bytes over a link that fails", async () => {
    const io = bench({ before: DATA, faults: [parseFault("stall=0.05").fault], seed: 3 });
    const report = await readUnit({ ...io, ...f4, address: BASE, length: 384 });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.data).toEqual(DATA);
  });

  it("refuses what is not there, and gives no data then", async () => {
    const io = bench();
    const report = await readUnit({ ...io, ...f4, address: BASE + 380, length: 5 });
    expect(report).toMatchObject({ outcome: "FAIL", code: "usage.range" });
    expect(report.data).toBeUndefined();
    expect(await readUnit({ ...io, ...f4, address: BASE, length: 0 })).toMatchObject({
      code: "usage.argument",
    });
  });

  it("reads option bytes by their alternate", async () => {
    const io = bench({ part: partByName("f407") });
    const report = await readUnit({ ...io, address: 0x1fffc000, length: 16 });
    expect(report.outcome).toBe("PASS");
    expect(report.data?.[1]).toBe(0xaa);
  });
});

describe("verifyUnit", () => {
  it("passes over the same content and writes nothing", async () => {
    const io = bench({ before: DATA });
    expect(await verifyUnit({ ...io, ...f4, image: imageAt(DATA) })).toMatchObject({
      outcome: "PASS",
      bytes: 384,
      touched: false,
    });
    expect(io.unit.counters).toMatchObject({ erases: 0, programs: 0 });
  });

  it("judges the image's own bytes: what another tool put into the rest of a granule is not ours", async () => {
    const io = bench({ before: DATA });
    const slice = imageAt(DATA.slice(17, 70), BASE + 17);
    expect(await verifyUnit({ ...io, ...f4, image: slice })).toMatchObject({
      outcome: "PASS",
      bytes: 53,
    });
  });

  it("names the first byte that differs", async () => {
    const other = DATA.slice();
    other[200] = (other[200] ?? 0) ^ 1;
    const io = bench({ before: DATA });
    expect(await verifyUnit({ ...io, ...f4, image: imageAt(other) })).toMatchObject({
      outcome: "FAIL",
      code: "flash.verify_mismatch",
      address: BASE + 200,
    });
  });
});

describe("eraseUnit", () => {
  it("erases the sectors of a range, reads them blank, and leaves the others", async () => {
    const io = bench({ before: DATA });
    const report = await eraseUnit({ ...io, ...f4, address: BASE + 70, length: 10 });
    expect(report).toMatchObject({ outcome: "PASS", erasedSectors: 1, touched: true });
    expect(io.unit.flash.read(BASE, 64).data).toEqual(DATA.slice(0, 64));
    expect(io.unit.flash.read(BASE + 64, 64).data).toEqual(new Uint8Array(64).fill(0xff));
    expect(io.destructive).toEqual([]);
  });

  it("finds a sector that does not erase", async () => {
    const io = bench({ before: DATA, faults: [parseFault("write-protect=1").fault] });
    // Nothing says that the link had a part in it.
    expect(await eraseUnit({ ...io, ...f4, address: BASE, length: 384 })).toMatchObject({
      outcome: "FAIL",
      code: "flash.erase_failed",
      address: BASE + 64,
      blame: "unit",
      linkIncident: false,
      incidents: [],
    });
  });

  it("erases everything only when that is asked for by name", async () => {
    const io = bench({ before: DATA });
    expect(await eraseUnit({ ...io, ...f4 })).toMatchObject({
      code: "usage.argument",
      touched: false,
    });
    expect(io.unit.counters.massErases).toBe(0);
    expect(await eraseUnit({ ...io, ...f4, mass: true })).toMatchObject({ outcome: "PASS" });
    expect(io.destructive).toEqual(["mass erase"]);
    expect(io.unit.flash.snapshot()).toEqual(new Uint8Array(384).fill(0xff));
  });

  it("reads back what a mass erase was to erase: one whose data was lost is acknowledged too", async () => {
    const lost = bench({ before: DATA, faults: [parseFault("lost-data=1").fault] });
    expect(await eraseUnit({ ...lost, ...f4, mass: true })).toMatchObject({
      outcome: "PASS",
      linkIncident: true,
    });
    expect(lost.unit.counters.massErases).toBe(1);
    expect(lost.unit.flash.snapshot()).toEqual(new Uint8Array(384).fill(0xff));
    const always = bench({ before: DATA, faults: [parseFault("lost-data=always").fault] });
    expect(await eraseUnit({ ...always, ...f4, mass: true })).toMatchObject({ outcome: "FAIL" });
  });

  it("a mass erase is refused by a unit in its own words", async () => {
    const { transport, clock, unit } = bench({ before: DATA });
    const report = await eraseUnit({
      clock,
      family: "F4",
      mass: true,
      transport: refusing(transport, DfuStatus.ErrErase, Number.POSITIVE_INFINITY, isErase),
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.erase_failed" });
    expect(unit.flash.snapshot()).toEqual(DATA);
  });

  it("never touches option bytes", async () => {
    const io = bench({ part: partByName("f407") });
    expect(await eraseUnit({ ...io, address: 0x1fffc000, length: 16 })).toMatchObject({
      outcome: "FAIL",
      code: "usage.range",
      touched: false,
    });
  });

  it("erases nothing of a unit that shows no flash to erase", async () => {
    const alternates = ["@Internal Flash  /0x08000000/06*064 a"];
    const io = bench({ part: definePart({ family: "F4", sectors: [[6, 64]], alternates }) });
    expect(await eraseUnit({ ...io, ...f4, mass: true })).toMatchObject({
      outcome: "FAIL",
      code: "device.layout",
      touched: false,
    });
    expect(io.destructive).toEqual([]);
  });
});

describe("unitInfo and leaveUnit", () => {
  it("says what the unit is and can, and brings it out of the dfuERROR it starts in", async () => {
    const io = bench({ part: partByName("f407") });
    const report = await unitInfo(io);
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(report.info).toMatchObject({
      identity: { chip: "STM32F407", match: "class" },
      commands: [0x00, 0x21, 0x41, 0x92],
      transferSize: 2048,
      state: 2,
    });
    expect(report.info?.memories.map((memory) => memory.name)).toContain("Option Bytes");
  });

  it("starts the application, though the last GETSTATUS may fail", async () => {
    const vectors = new Uint8Array(64);
    new DataView(vectors.buffer).setUint32(0, 0x20001000, true);
    new DataView(vectors.buffer).setUint32(4, BASE + 0x101, true);
    const io = bench({ part: partByName("h743"), before: vectors });
    expect(await leaveUnit(io)).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(io.unit.mode).toBe("application");
  });
});

describe("information about a unit", () => {
  it("leaves out a memory whose description nobody understands", async () => {
    const part = definePart({
      family: "F4",
      sectors: [[6, 64]],
      alternates: ["@Internal Flash  /0x08000000/06*064 g", "???"],
    });
    const report = await unitInfo(bench({ part }));
    expect(report.info?.memories.map(({ alternate }) => alternate)).toEqual([0]);
  });
});
