import { DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { parseFault } from "../faults/parse.ts";
import { BASE, bytes, command, testHost, tiny } from "../testing/host.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

/** F4: 250 ms an erase of these sectors. */
const ERASE_MS = 250;
type Host = ReturnType<typeof testHost>;

/** A unit with content, in the middle of an erase of its first sector. */
function erasing(fault?: string): { unit: VirtualUnit; host: Host; clock: VirtualClock } {
  const clock = new VirtualClock();
  const faults = fault === undefined ? [] : [parseFault(fault).fault];
  const unit = createVirtualUnit({ part: tiny("F4"), clock, faults });
  const host = testHost(unit, clock);
  unit.flash.load(BASE, bytes(64));
  host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
  expect(host.status()).toMatchObject({ state: DfuState.DnBusy, pollMs: ERASE_MS });
  clock.advance(1);
  return { unit, host, clock };
}
const WAYS_OUT: readonly (readonly [string, (unit: VirtualUnit, host: Host) => void])[] = [
  ["a bus reset", (unit) => unit.busReset()],
  [
    "CLRSTATUS twice",
    (_, host) => {
      host.out(DfuRequest.ClrStatus, 0);
      host.out(DfuRequest.ClrStatus, 0);
    },
  ],
];

describe.each(WAYS_OUT)("%s in the middle of an erase", (_, leave) => {
  it("makes the bootloader idle at once, and the next erase waits for the flash", () => {
    const { unit, host, clock } = erasing();
    leave(unit, host);
    expect(host.state()).toBe(DfuState.Idle);
    expect(host.address(BASE + 32)).toMatchObject({ state: DfuState.DnloadIdle });
    const before = clock.now();
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE + 32));
    expect(host.status()?.pollMs).toBe(ERASE_MS);
    clock.advance(ERASE_MS);
    expect(host.status()?.state).toBe(DfuState.DnBusy);
    while (host.status()?.state === DfuState.DnBusy) clock.advance(1);
    const left = ERASE_MS - 1 - 1;
    expect(clock.now() - before).toBe(ERASE_MS + left);
  });

  it("lets a read hold the bus until the flash is done", () => {
    const { unit, host, clock } = erasing();
    leave(unit, host);
    const reply = host.in(DfuRequest.Upload, 2, 16);
    expect(reply).toMatchObject({ kind: "data", afterMs: ERASE_MS - 1 });
    expect(host.in(DfuRequest.Upload, 0, 4)).toMatchObject({ afterMs: 0 });
    clock.advance(ERASE_MS);
    expect(host.in(DfuRequest.Upload, 2, 16)).toMatchObject({ afterMs: 0 });
  });

  it("leaves a torn sector, and one that was not begun, when power goes then", () => {
    const { unit, host, clock } = erasing();
    leave(unit, host);
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE + 32));
    host.status();
    clock.advance(10);
    unit.powerCycle();
    expect(unit.counters.faults).toEqual({ "torn erase at 0x08000000": 1 });
    expect(unit.flash.isStable(BASE, 32)).toBe(false);
    expect(unit.flash.snapshot().slice(32, 64)).toEqual(bytes(32, 33));
  });

  it("does not end an erase that is slow for ever", () => {
    const { unit, host, clock } = erasing("slow-busy=1000000@1");
    leave(unit, host);
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
    host.status();
    clock.advance(3_600_000);
    expect(host.status()).toMatchObject({ state: DfuState.DnBusy, status: DfuStatus.Ok });
  });
});

it("a unit that comes back from a power cycle has an idle flash", () => {
  const { unit, host, clock } = erasing("slow-busy=1000000@1");
  unit.powerCycle();
  clock.advance(unit.backInMs ?? 0);
  expect(host.erase(BASE)).toMatchObject({ state: DfuState.DnloadIdle });
});
