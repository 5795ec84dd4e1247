// A blank unit with the same descriptors and serial that takes the place of another one, at whatever transfer after its seal was written.
import { flashUnit } from "@flashline/dfu-core";
import { DfuRequest, wrapTransport } from "@flashline/dfu-core/protocol";
import { definePart, type Part } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt } from "./bench.ts";

const SIZE = 384;
/** Nothing but the granule of the seal tells a blank unit from a flashed one. */
const image = imageAt(Uint8Array.of(0x12));

/** Takes the unit's power once its seal was written, so that all is read again, and puts a blank one there at the `nth` transfer after it. */
async function swappedAt(part: Part, nth: number) {
  const { transport, clock, unit } = bench({ part });
  const powerCycled = { done: false };
  let after = 0;
  let sealed = false;
  const before = (request: number, value: number, data: Uint8Array = new Uint8Array()) => {
    if (powerCycled.done) {
      after += 1;
      if (after === nth) unit.replace({ serial: unit.serial });
      return;
    }
    if (sealed && request === DfuRequest.Upload) {
      powerCycled.done = true;
      void unit.powerCycle();
    }
    sealed ||= request === DfuRequest.Dnload && value >= 2 && data.includes(0x12);
  };
  const swapping = wrapTransport(transport, {
    controlIn: (request, value, length, timeoutMs, signal) => {
      before(request, value);
      return transport.controlIn(request, value, length, timeoutMs, signal);
    },
    controlOut: (request, value, data, timeoutMs, signal) => {
      before(request, value, data);
      return transport.controlOut(request, value, data, timeoutMs, signal);
    },
  });
  const report = await flashUnit({ transport: swapping, clock, image });
  const holds = unit.flash.read(unit.flash.base, SIZE).data[0];
  return { report, holds, swapped: after >= nth };
}

describe.each(["F4", "L4", "H7"] as const)("%s", (family) => {
  const part = definePart({
    family,
    sectors: [
      [2, 64],
      [2, 128],
    ],
    transferSize: 32,
  });

  it("is never passed for what the one before it held", async () => {
    let swaps = 0;
    for (let nth = 1; ; nth += 1) {
      const { report, holds, swapped } = await swappedAt(part, nth);
      if (!swapped) break;
      swaps += 1;
      if (report.outcome === "PASS") expect({ nth, holds }).toEqual({ nth, holds: 0x12 });
    }
    expect(swaps).toBeGreaterThan(20);
  });
});
