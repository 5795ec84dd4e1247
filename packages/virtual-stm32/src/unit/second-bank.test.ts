import { DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { Fault } from "../faults/fault.ts";
import { partByName } from "../parts/index.ts";
import { bytes, command, testHost } from "../testing/host.ts";
import { createVirtualUnit } from "./virtual-unit.ts";

function bench(fault: Fault) {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part: partByName("h743"), clock, faults: [fault] });
  return { unit, host: testHost(unit, clock), clock };
}

describe("the second bank of an H743", () => {
  const SECOND = 0x0810_0000;

  it("wedges by erases from its first sector on, which are done all the same", () => {
    const { unit, host } = bench({ kind: "bank2-wedge" });
    unit.flash.load(SECOND, bytes(32));
    expect(host.erase(SECOND - 1)?.state).toBe(DfuState.DnloadIdle);
    expect(host.erase(SECOND)?.state).toBe(DfuState.DnBusy);
    host.out(DfuRequest.ClrStatus, 0);
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.status()).toMatchObject({ state: DfuState.Idle, status: DfuStatus.Ok });
    expect(host.read(SECOND, 32)).toMatchObject({ data: new Uint8Array(32).fill(0xff) });
  });

  it("says that an erase is done before it is (V9.1): what a hasty host programs is lost", () => {
    for (const [waitMs, kept] of [
      [0, false],
      [1001, true],
    ] as const) {
      const { unit, host, clock } = bench({ kind: "bank2-early" });
      unit.flash.load(SECOND, bytes(32));
      host.out(DfuRequest.Dnload, 0, command(0x41, SECOND));
      expect(host.status()).toMatchObject({ state: DfuState.DnBusy, pollMs: 1000 });
      expect(host.status()?.state).toBe(DfuState.DnloadIdle);
      clock.advance(waitMs);
      expect(host.write(SECOND, bytes(32, 7))).toMatchObject({ status: DfuStatus.Ok });
      const wanted = kept ? bytes(32, 7) : new Uint8Array(32).fill(0xff);
      expect(unit.flash.read(SECOND, 32).data).toEqual(wanted);
    }
  });
});
