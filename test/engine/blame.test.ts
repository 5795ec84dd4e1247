import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest, DfuStatus } from "@flashline/dfu-core/protocol";
import {
  attachInProcess,
  createVirtualUnit,
  definePart,
  FAMILY_NAMES,
  type FamilyName,
  VirtualClock,
} from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { imageAt, pattern } from "./bench.ts";
import { isErase, refusing } from "./bent.ts";

const SECTOR = 256;
/** Behind it lies the sector whose erase or program the unit refuses. */
const SECOND = 0x08000000 + SECTOR;
const IMAGE = imageAt(pattern(3 * SECTOR));

/** What a unit says when it will not program or erase (USB DFU 1.1, section 6.1.2). */
const OF_THE_UNIT = [
  ["errTARGET", DfuStatus.ErrTarget],
  ["errWRITE", DfuStatus.ErrWrite],
  ["errERASE", DfuStatus.ErrErase],
  ["errCHECK_ERASED", DfuStatus.ErrCheckErased],
  ["errPROG", DfuStatus.ErrProg],
  ["errVERIFY", DfuStatus.ErrVerify],
  ["errADDRESS", DfuStatus.ErrAddress],
  ["errUNKNOWN", DfuStatus.ErrUnknown],
] as const;

const isData = (request: number, value: number, data: Uint8Array) =>
  request === DfuRequest.Dnload && value >= 2 && data.length > 0;

function unitOf(family: FamilyName, sectors = 4, size = SECTOR) {
  const clock = new VirtualClock();
  const part = definePart({
    family,
    sectors: [[sectors, size]],
    transferSize: 64,
    alternates: [`@Internal Flash  /0x08000000/04*256 g`],
  });
  const unit = createVirtualUnit({ part, clock });
  unit.flash.load(part.flash.base, pattern(sectors * size, 7));
  return { clock, unit, transport: attachInProcess(unit, clock) };
}

const addressOf = (data: Uint8Array) =>
  new DataView(data.buffer, data.byteOffset).getUint32(1, true);

const eraseOfSecond = (request: number, value: number, data: Uint8Array) =>
  isErase(request, value, data) && addressOf(data) === SECOND;

describe.each(FAMILY_NAMES)("a unit of %s that refuses in its own words", (family) => {
  it.each([
    ["program", isData],
    ["erase one sector", eraseOfSecond],
  ] as const)("to %s: the blame is the unit's, and no link incident", async (_, when) => {
    for (const [name, status] of OF_THE_UNIT) {
      const { clock, transport } = unitOf(family);
      const bent = refusing(transport, status, Number.POSITIVE_INFINITY, when);
      const report = await flashUnit({ transport: bent, clock, image: IMAGE, family });
      expect(report, name).toMatchObject({ outcome: "FAIL", blame: "unit", linkIncident: false });
      expect(report.code, name).toMatch(/^flash\./);
      expect(report.detail).toContain(name);
    }
  });

  it("because it has less flash than it announces: the status is in the detail", async () => {
    const { clock, transport, unit } = unitOf(family, 2);
    const report = await flashUnit({ transport, clock, image: IMAGE, family });
    expect(report).toMatchObject({ outcome: "FAIL", blame: "unit", linkIncident: false });
    expect(report.code).toMatch(/^flash\./);
    expect(report.detail).toMatch(/err[A-Z]+/);
    expect(unit.counters.programs).toBe(0);
  });
});

/** Reading a word that was programmed twice makes such a unit leave the bus, which is an incident of the link as well. */
const leavesWhenRead = (family: FamilyName) => family === "H7" || family === "H7A3";

it.each(FAMILY_NAMES)(
  "blames a unit of %s that erases half of each sector that it announces, and not the link",
  async (family) => {
    const { clock, transport } = unitOf(family, 8, SECTOR / 2);
    const report = await flashUnit({ transport, clock, image: IMAGE, family });
    expect(report).toMatchObject({ outcome: "FAIL", blame: "unit" });
    expect(report.code).toMatch(leavesWhenRead(family) ? /^flash\.dirty$/ : /^flash\./);
    expect(report.linkIncident).toBe(leavesWhenRead(family));
  },
);
