// Another unit with the same descriptors and serial that takes the place of the one that a tool works on, at whatever transfer.
import { eraseUnit, unprotectUnit, writeOtp } from "@flashline/dfu-core";
import { definePart, type Fault, type Part, partByName } from "@flashline/virtual-stm32";
import { expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";
import { counting } from "./bent.ts";

const BASE = 0x08000000;
const SIZE = 384;
const OWN = pattern(SIZE, 4);
const OTHER = pattern(SIZE, 9);

interface Swap {
  readonly part: Part;
  readonly faults?: readonly Fault[];
  /** Transfers until the other unit is there. */
  readonly nth: number;
}

function swapping({ part, faults, nth }: Swap) {
  const io = bench({ part, before: OWN, ...(faults === undefined ? {} : { faults }) });
  const { unit, clock } = io;
  const first = unit.flash;
  let transfers = 0;
  const count = (at: number) => {
    transfers = at;
    if (transfers !== nth) return;
    unit.replace({ serial: unit.serial });
    unit.flash.load(BASE, OTHER);
  };
  const transport = counting(io.transport, count);
  return {
    unit,
    clock,
    transport,
    isSwapped: () => transfers >= nth,
    isTouched: () =>
      !first
        .snapshot()
        .subarray(0, SIZE)
        .every((byte, at) => byte === OWN[at]),
    otherIsWhole: () =>
      unit.flash
        .snapshot()
        .subarray(0, SIZE)
        .every((byte, at) => byte === OTHER[at]),
  };
}

const small = definePart({ family: "F4", sectors: [[6, 64]], transferSize: 32 });

it.each([
  ["a range", { address: BASE, length: SIZE }],
  ["everything", { mass: true }],
] as const)("an erase of %s does not go on with another unit", async (_, what) => {
  for (let nth = 1; ; nth += 1) {
    const { unit, clock, transport, isSwapped, isTouched, otherIsWhole } = swapping({
      part: small,
      nth,
    });
    const report = await eraseUnit({ transport, clock, family: "F4", ...what });
    if (!isSwapped()) break;
    expect(nth).toBeLessThan(400);
    if (!isTouched()) continue;
    expect({ nth, whole: otherIsWhole() }).toEqual({ nth, whole: true });
    if (report.outcome === "PASS") expect(unit.flash.isStable(BASE, SIZE)).toBe(true);
    expect(["device.other", "link.lost"]).toContain(report.code);
  }
});

it("read protection is lifted of the unit that was proven protected, and of no other", async () => {
  for (let nth = 1; ; nth += 1) {
    const faults: Fault[] = [{ kind: "read-protect", level: 1 }];
    const { clock, transport, isSwapped, otherIsWhole } = swapping({ part: small, faults, nth });
    await unprotectUnit({ transport, clock, family: "F4", confirmed: "read-unprotect" });
    if (!isSwapped()) break;
    expect(nth).toBeLessThan(400);
    expect({ nth, whole: otherIsWhole() }).toEqual({ nth, whole: true });
  }
});

it("one-time memory is not written on another unit than the one that was looked at", async () => {
  const part = partByName("f407");
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  for (let nth = 1; ; nth += 1) {
    const { unit, clock, transport, isSwapped } = swapping({ part, nth });
    let programs = 0;
    unit.onTransfer(({ request, value }, sent) => {
      if (request === 1 && value >= 2 && sent.length > 0) programs += isSwapped() ? 1000 : 1;
    });
    const report = await writeOtp({
      transport,
      clock,
      address: 0x1fff7800,
      data,
      confirmed: "otp",
    });
    if (!isSwapped()) break;
    // Once one of the two was written, the other is left alone.
    expect({ nth, both: programs % 1000 > 0 && programs >= 1000 }).toEqual({ nth, both: false });
    if (programs % 1000 > 0) expect(report.outcome).toBe("FAIL");
  }
});
