import { DfuRequest } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { partByName } from "../parts/index.ts";
import { CLASS_IN, CLASS_OUT, type ControlReply } from "../usb/setup.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

const fresh = (): VirtualUnit =>
  createVirtualUnit({ part: partByName("f072"), clock: new VirtualClock() });
const ask = (
  unit: VirtualUnit,
  requestType: number,
  request: number,
  value = 0,
  index = 0,
  length = 0,
): ControlReply => unit.handleControl({ requestType, request, value, index, length });
const configure = (unit: VirtualUnit, value: number): string => ask(unit, 0, 9, value).kind;
const status = (unit: VirtualUnit): string =>
  ask(unit, CLASS_IN, DfuRequest.GetStatus, 0, 0, 6).kind;

describe("a unit that is not configured", () => {
  it.each([
    ["before SET_CONFIGURATION", () => undefined],
    [
      "after SET_CONFIGURATION 0",
      (unit: VirtualUnit) => {
        configure(unit, 1);
        configure(unit, 0);
      },
    ],
    [
      "after a bus reset",
      (unit: VirtualUnit) => {
        configure(unit, 1);
        unit.busReset();
      },
    ],
    [
      "after it lost power",
      (unit: VirtualUnit) => {
        configure(unit, 1);
        unit.unplug();
        unit.plug();
      },
    ],
  ])("%s: stalls what goes to its interface, and says why", (_, bring) => {
    const unit = fresh();
    bring(unit);
    expect(status(unit)).toBe("stall");
    expect(ask(unit, CLASS_OUT, DfuRequest.Abort).kind).toBe("stall");
    expect(unit.illegal).toEqual([
      "request.unconfigured: bRequest 3 before SET_CONFIGURATION",
      "request.unconfigured: bRequest 6 before SET_CONFIGURATION",
    ]);
    expect(ask(unit, 0x81, 10, 0, 0, 1).kind).toBe("stall");
    expect(ask(unit, 0x01, 11, 1).kind).toBe("stall");
    expect(ask(unit, 0x80, 8, 0, 0, 1)).toMatchObject({ data: Uint8Array.of(0) });
    expect(configure(unit, 1)).toBe("data");
    expect(status(unit)).toBe("data");
  });

  it("has one configuration and one interface", () => {
    const unit = fresh();
    expect(configure(unit, 2)).toBe("stall");
    expect(unit.configuration).toBe(0);
    configure(unit, 1);
    expect(ask(unit, 0x81, 10, 0, 1, 1).kind).toBe("stall");
    expect(ask(unit, 0x01, 11, 1, 1).kind).toBe("stall");
    expect(ask(unit, 0x01, 11, 1).kind).toBe("data");
    expect(ask(unit, 0x81, 10, 0, 0, 1)).toMatchObject({ data: Uint8Array.of(1) });
  });
});
