import { DfuRequest } from "@flashline/dfu-core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { Fault } from "../faults/fault.ts";
import { FAMILY_NAMES, family, type Part } from "../parts/index.ts";
import { BASE, bytes, command, testHost, tiny } from "../testing/host.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

const OLD = 0x5a;
const BLOCK = 32;

function bench(part: Part, ...faults: readonly Fault[]) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock, faults });
  return { unit, clock, host: testHost(unit, clock) };
}
const back = (unit: VirtualUnit, clock: VirtualClock): void => clock.advance(unit.backInMs ?? 0);

/** Starts an operation, and takes the power away after this share of its time. */
function interrupt(part: Part, block: number, data: Uint8Array, share: number, ready = true) {
  const { unit, clock, host } = bench(part);
  unit.flash.load(BASE, new Uint8Array(unit.flash.size).fill(OLD));
  if (ready) host.erase(BASE);
  host.address(BASE);
  host.out(DfuRequest.Dnload, block, data);
  const pollMs = host.status()?.pollMs ?? 0;
  const { erase, program, programUnit } = family(part.family);
  const lasts =
    block === 0 ? erase(32).typical : Math.ceil(data.length / programUnit) * program.typical;
  clock.advance(share * lasts);
  unit.powerCycle();
  back(unit, clock);
  return { unit, clock, host, pollMs };
}

/** Reading it resets the core. */
const faults = (unit: VirtualUnit, offset: number): boolean =>
  unit.flash.read(BASE + offset, unit.flash.rules.granule).faultAt !== undefined;

describe("power lost in mid-program", () => {
  it.each(FAMILY_NAMES)(
    "%s: granules before are new, the one at hand is torn, those behind are blank",
    (name) => {
      fc.assert(
        fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (share) => {
          const part = { ...tiny(name), usb: { ...tiny(name).usb, transferSize: BLOCK } };
          const data = bytes(BLOCK, 1);
          const { unit } = interrupt(part, 2, data, share);
          const { granule, erasedValue, ecc } = family(name);
          const torn = Math.floor(Math.floor(share * BLOCK) / granule) * granule;
          const cells = unit.flash.snapshot();
          expect([...cells.subarray(0, torn)]).toEqual([...data.subarray(0, torn)]);
          expect(cells.subarray(torn + granule, BLOCK).every((cell) => cell === erasedValue)).toBe(
            true,
          );
          for (let at = 0; at < BLOCK; at += granule) {
            expect(faults(unit, at)).toBe(ecc && at === torn);
          }
          expect(unit.mode).toBe("bootloader");
        }),
        { numRuns: 20 },
      );
    },
  );

  it("marginal cells read differently from time to time without ECC, until the sector is erased", () => {
    const { unit, host } = interrupt(tiny("F4"), 2, new Uint8Array(16), 0.5);
    const reads = new Set(Array.from({ length: 40 }, () => String(unit.flash.read(BASE, 16).data)));
    expect(reads.size).toBeGreaterThan(1);
    expect(unit.flash.isStable(BASE, 16)).toBe(false);
    host.erase(BASE);
    expect(unit.flash.isStable(BASE, 16)).toBe(true);
  });

  it("is nothing once the operation is over, or where it never ran", () => {
    const { unit } = interrupt(tiny("G4"), 2, bytes(16), 1.01);
    expect(unit.flash.snapshot().subarray(0, 16)).toEqual(bytes(16));
    expect(unit.counters.faults).toEqual({});
    const protectedSector = bench(tiny("G4"), { kind: "write-protect", sectors: [0] });
    protectedSector.host.address(BASE);
    protectedSector.host.out(DfuRequest.Dnload, 2, bytes(16));
    protectedSector.host.status();
    protectedSector.unit.powerCycle();
    back(protectedSector.unit, protectedSector.clock);
    expect(protectedSector.host.read(BASE, 16).kind).toBe("data");
  });
});

describe("power lost in mid-erase", () => {
  it.each(["F4", "G4", "L1"] as const)(
    "%s: the sector is neither old nor blank, its neighbours are as they were",
    (name) => {
      const { unit } = interrupt(tiny(name), 0, command(0x41, BASE), 0.5, false);
      const cells = unit.flash.snapshot();
      expect(cells.subarray(32).every((cell) => cell === OLD)).toBe(true);
      expect(Object.keys(unit.counters.faults)).toEqual(["torn erase at 0x08000000"]);
      const rules = family(name);
      if (rules.ecc) {
        expect([0, 8, 16, 24].some((at) => faults(unit, at))).toBe(true);
      } else {
        expect(cells.subarray(0, 32).some((cell) => cell !== rules.erasedValue)).toBe(true);
      }
    },
  );

  it("in a mass erase: what came before is blank, what comes behind is old", () => {
    const { clock, unit, host } = bench(tiny("F4"));
    unit.flash.load(BASE, new Uint8Array(unit.flash.size).fill(OLD));
    host.out(DfuRequest.Dnload, 0, Uint8Array.of(0x41));
    const { pollMs = 0 } = host.status() ?? {};
    clock.advance(pollMs / 2);
    unit.unplug(10);
    back(unit, clock);
    const cells = unit.flash.snapshot();
    expect(cells.subarray(0, 64).every((cell) => cell === 0xff)).toBe(true);
    expect(cells.subarray(128).every((cell) => cell === OLD)).toBe(true);
  });

  it("as a fault, and the unit comes back when the fault says so", () => {
    const { clock, unit, host } = bench(tiny("F4"), {
      kind: "erase-cut",
      trigger: { kind: "nth", n: 2 },
      backAfterMs: 300,
    });
    expect(host.erase(BASE)).toMatchObject({ status: 0 });
    expect(host.erase(BASE + 32)).toBeUndefined();
    expect(unit.backInMs).toBe(300);
    back(unit, clock);
    expect(unit.counters.faults).toEqual({ "erase-cut": 1, "torn erase at 0x08000020": 1 });
    expect(unit.mode).toBe("bootloader");
  });
});

describe("power cut and reset at any byte", () => {
  it.each(["power-cut", "reboot"] as const)(
    "%s tears exactly the granule that holds the byte",
    (kind) => {
      fc.assert(
        fc.property(
          fc.constantFrom(...FAMILY_NAMES),
          fc.integer({ min: 1, max: 64 }),
          (name, at) => {
            const part = { ...tiny(name), usb: { ...tiny(name).usb, transferSize: BLOCK } };
            const { unit, clock, host } = bench(part, { kind, afterBytes: at, backAfterMs: 50 });
            const { granule, erasedValue } = family(name);
            host.write(BASE, bytes(BLOCK, 1));
            host.write(BASE + BLOCK, bytes(BLOCK, 33));
            back(unit, clock);
            const start = Math.floor((at - 1) / BLOCK) * BLOCK;
            const torn = start + Math.floor(Math.min(at - start, BLOCK - 1) / granule) * granule;
            const cells = unit.flash.snapshot();
            expect([...cells.subarray(0, torn)]).toEqual([...bytes(torn, 1)]);
            expect(cells.subarray(torn + granule).every((cell) => cell === erasedValue)).toBe(true);
            expect(unit.deviceNumber).toBe(2);
          },
        ),
        { numRuns: 200 },
      );
    },
  );
});

describe("a hub that switches the power of its ports", () => {
  it("takes the unit off the bus and back, with what it held in RAM gone", () => {
    const { unit, clock, host } = bench(tiny("F4"));
    host.address(BASE + 64);
    const number = unit.deviceNumber;
    unit.setPower(false);
    clock.advance(10_000);
    expect([unit.mode, unit.backInMs]).toEqual(["absent", undefined]);
    unit.setPower(true);
    expect(unit.mode).toBe("absent");
    back(unit, clock);
    expect(unit.mode).toBe("bootloader");
    expect(unit.deviceNumber).toBe(number + 1);
    unit.flash.load(BASE, bytes(16, 3));
    expect(host.read(BASE, 16)).toMatchObject({ data: bytes(16, 3) });
  });

  it("brings back nothing that was pulled out, and what is plugged in waits for it", () => {
    const { unit, clock } = bench(tiny("F4"));
    unit.unplug();
    unit.setPower(false);
    unit.setPower(true);
    clock.advance(60_000);
    expect(unit.mode).toBe("absent");
    unit.setPower(false);
    unit.plug();
    expect(unit.mode).toBe("absent");
    unit.setPower(true);
    back(unit, clock);
    expect(unit.mode).toBe("bootloader");
  });
});
