import { DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import type { Clearer } from "../bootloader/state.ts";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { type Fault, nth, probability } from "../faults/fault.ts";
import { type Part, partByName } from "../parts/index.ts";
import { BASE, bytes, testHost, tiny } from "../testing/host.ts";
import { createVirtualUnit, type VirtualUnit } from "./virtual-unit.ts";

function bench(
  fault: Fault,
  part: Part = tiny("F4"),
  seed = 1,
): {
  unit: VirtualUnit;
  host: ReturnType<typeof testHost>;
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock, faults: [fault], seed });
  return { unit, host: testHost(unit, clock), clock };
}

describe("on the wire", () => {
  it("stall: the bootloader never saw the request", () => {
    const { unit, host } = bench({ kind: "stall", trigger: nth(2) });
    host.address(BASE);
    expect(host.out(DfuRequest.Dnload, 2, bytes(8)).kind).toBe("stall");
    expect(host.state()).toBe(DfuState.DnloadIdle);
    expect(unit.counters.faults).toEqual({ stall: 1 });
  });

  it("lost-ack: time-out, and the SETUP alone has stored block and length", () => {
    const { unit, host, clock } = bench({ kind: "lost-ack", trigger: nth(3) });
    host.address(BASE);
    host.complete(2, bytes(8, 0x20));
    expect(host.out(DfuRequest.Dnload, 3, bytes(16, 0x80)).kind).toBe("lost");
    expect(host.state()).toBe(DfuState.DnloadSync);
    host.status();
    clock.advance(1);
    host.status();
    expect([...unit.flash.read(BASE + 16, 8).data]).toEqual([...bytes(8, 0x20)]);
  });

  it("lost-status: done, and the host cannot know", () => {
    const { host } = bench({ kind: "lost-status", trigger: nth(1) });
    expect(host.out(DfuRequest.ClrStatus, 0).kind).toBe("lost");
    expect(host.state()).toBe(DfuState.Error);
  });
});

describe("busy wedge", () => {
  const attempts: readonly (readonly [
    string,
    (unit: VirtualUnit, host: ReturnType<typeof testHost>, clock: VirtualClock) => void,
  ])[] = [
    ["abort", (_, host) => host.out(DfuRequest.Abort, 0)],
    [
      "clrstatus",
      (_, host) => {
        host.out(DfuRequest.ClrStatus, 0);
        host.out(DfuRequest.ClrStatus, 0);
      },
    ],
    ["reset", (unit) => unit.busReset()],
    [
      "powercycle",
      (unit, _, clock) => {
        unit.powerCycle();
        clock.advance(unit.backInMs ?? 0);
      },
    ],
  ];

  it.each([
    ["abort", ["abort", "reset", "powercycle"]],
    ["clrstatus", ["clrstatus", "reset", "powercycle"]],
    ["reset", ["reset", "powercycle"]],
    ["powercycle", ["powercycle"]],
    ["never", []],
  ] as const)("cleared by %s", (clearedBy: Clearer, works: readonly string[]) => {
    for (const [name, attempt] of attempts) {
      const { unit, host, clock } = bench({ kind: "busy-wedge", clearedBy, trigger: nth(1) });
      host.erase(BASE);
      clock.advance(600_000);
      expect(host.status()?.state).toBe(DfuState.DnBusy);
      attempt(unit, host, clock);
      expect([name, host.state()]).toEqual([
        name,
        works.includes(name) ? DfuState.Idle : DfuState.DnBusy,
      ]);
    }
  });
});

describe("busy wedge of long blocks, silent", () => {
  const wedging = () =>
    bench({
      kind: "busy-wedge",
      clearedBy: "reset",
      trigger: nth(2),
      longerThan: 8,
      silent: true,
    });

  it("answers dfuDNBUSY once, then nothing until a bus reset; the block never went on", () => {
    const { unit, host, clock } = wedging();
    host.address(BASE);
    host.complete(2, bytes(8));
    host.address(BASE + 16);
    host.complete(2, bytes(12));
    host.address(BASE + 32);
    host.out(DfuRequest.Dnload, 2, bytes(12, 0x40));
    expect(host.status()?.state).toBe(DfuState.DnBusy);
    clock.advance(60_000);
    expect(host.in(DfuRequest.GetStatus, 0, 6).kind).toBe("lost");
    expect(host.in(DfuRequest.GetState, 0, 1).kind).toBe("lost");
    expect(host.out(DfuRequest.ClrStatus, 0).kind).toBe("lost");
    expect(host.out(DfuRequest.Abort, 0).kind).toBe("lost");
    unit.busReset();
    unit.configure();
    expect(host.state()).toBe(DfuState.Idle);
    expect([...unit.flash.read(BASE + 16, 12).data]).toEqual([...bytes(12)]);
    expect(unit.flash.read(BASE + 32, 12).data.every((byte) => byte === 0xff)).toBe(true);
    expect(unit.counters.faults).toEqual({ "busy-wedge": 1 });
  });
});

describe("bank2-wedge", () => {
  it("strikes in the upper half only, and CLRSTATUS twice frees it", () => {
    const { host } = bench({ kind: "bank2-wedge" });
    expect(host.erase(BASE)?.state).toBe(DfuState.DnloadIdle);
    expect(host.erase(BASE + 96)?.state).toBe(DfuState.DnBusy);
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.status()).toMatchObject({ state: DfuState.Error, status: DfuStatus.ErrUnknown });
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.status()).toMatchObject({ state: DfuState.Idle, status: DfuStatus.Ok });
  });
});

describe("read unprotect", () => {
  it("erases everything, resets the unit, lifts the protection, and is counted", () => {
    const { unit, host, clock } = bench({ kind: "read-protect", level: 1 });
    unit.flash.load(BASE, bytes(64));
    host.out(DfuRequest.Dnload, 0, Uint8Array.of(0x92));
    host.status();
    expect(unit.mode).toBe("absent");
    clock.advance(unit.backInMs ?? 0);
    expect(host.read(BASE, 16)).toMatchObject({ data: new Uint8Array(16).fill(0xff) });
    expect(unit.counters.readUnprotects).toBe(1);
  });
});

describe("in the flash", () => {
  it("slow-busy: the announced time is not enough, and it completes", () => {
    const { host, clock } = bench({ kind: "slow-busy", factor: 10, trigger: { kind: "always" } });
    expect(host.erase(BASE)).toMatchObject({ state: DfuState.DnBusy, pollMs: 250 });
    clock.advance(9 * 250);
    expect(host.status()?.state).toBe(DfuState.DnloadIdle);
  });

  it("silent-drop and write-protect answer OK and change nothing", () => {
    for (const fault of [
      { kind: "silent-drop", trigger: { kind: "always" } },
      { kind: "write-protect", sectors: [0] },
    ] as const) {
      const { unit, host } = bench(fault);
      expect(host.write(BASE, bytes(16))).toMatchObject({ status: DfuStatus.Ok });
      expect([...unit.flash.read(BASE, 16).data]).toEqual(Array(16).fill(0xff));
    }
  });

  it("bit-flip: exactly one bit of the n-th block", () => {
    const { unit, host } = bench({ kind: "bit-flip", trigger: nth(2) });
    host.write(BASE, new Uint8Array(16));
    host.write(BASE + 16, new Uint8Array(16));
    const ones = [...unit.flash.read(BASE, 32).data].map(
      (byte) => byte.toString(2).replaceAll("0", "").length,
    );
    expect(ones.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(ones.slice(0, 16)).toEqual(Array(16).fill(0));
  });

  it.each([
    ["false-vendor", DfuStatus.ErrVendor],
    ["false-target", DfuStatus.ErrTarget],
  ] as const)("%s: refused once, and right the next time", (kind, status) => {
    const { host } = bench({ kind, trigger: nth(1) });
    expect(host.address(BASE)).toMatchObject({ state: DfuState.Error, status });
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.address(BASE)?.status).toBe(DfuStatus.Ok);
  });
});

describe("leaving the port", () => {
  it("unplug at a byte: the block is not written, and the unit comes back powered on anew", () => {
    const { unit, host, clock } = bench({ kind: "unplug", afterBytes: 20, backAfterMs: 700 });
    host.write(BASE, bytes(16));
    expect(host.write(BASE + 16, bytes(16))).toBeUndefined();
    expect(unit.mode).toBe("absent");
    expect(host.state()).toBeUndefined();
    clock.advance(700);
    expect(host.state()).toBe(DfuState.Idle);
    expect(unit.deviceNumber).toBe(2);
    expect([...unit.flash.read(BASE, 32).data]).toEqual([...bytes(16), ...Array(16).fill(0xff)]);
  });

  it("swap: another, blank unit with another serial", () => {
    const { unit, host, clock } = bench({ kind: "swap", afterBytes: 20, backAfterMs: 700 });
    const before = unit.serial;
    host.write(BASE, bytes(16));
    host.write(BASE + 16, bytes(16));
    clock.advance(700);
    expect(unit.attached).toBe(true);
    expect(unit.serial).not.toBe(before);
    expect(unit.flash.snapshot().every((byte) => byte === 0xff)).toBe(true);
  });

  it.each([
    ["F4", "readable"],
    ["G4", "faults its reader"],
  ] as const)("power cut in mid-program on %s: the torn granule is %s", (family, after) => {
    const { unit, host, clock } = bench(
      { kind: "power-cut", afterBytes: 11, backAfterMs: 100 },
      tiny(family),
    );
    expect(host.write(BASE, bytes(16))).toBeUndefined();
    clock.advance(100);
    expect([...unit.flash.snapshot().slice(0, 8)]).toEqual([...bytes(8)]);
    const reply = host.read(BASE, 16);
    if (after === "readable") {
      expect(reply.kind).toBe("data");
    } else {
      expect(reply.kind).toBe("gone");
      expect(unit.mode).toBe("absent");
      clock.advance(unit.backInMs ?? 0);
      host.erase(BASE);
      expect(host.read(BASE, 16).kind).toBe("data");
    }
  });

  it("read protection of level 2 shows no bootloader; level 1 shows in the option bytes of U5", () => {
    expect(bench({ kind: "read-protect", level: 2 }).unit.mode).toBe("absent");
    const { host } = bench({ kind: "read-protect", level: 1 }, partByName("u585"));
    expect(host.read(0x4002_2040, 1)).toMatchObject({ data: Uint8Array.of(0) });
  });
});

describe("seeds", () => {
  it("the same seed strikes at the same transfers, another one elsewhere", () => {
    const strikes = (seed: number): string => {
      const { host } = bench({ kind: "stall", trigger: probability(0.3) }, tiny("F4"), seed);
      return Array.from({ length: 60 }, () => host.in(DfuRequest.Upload, 2, 8).kind[0]).join("");
    };
    expect(strikes(5)).toBe(strikes(5));
    expect(strikes(5)).not.toBe(strikes(6));
    expect(strikes(5)).toMatch(/s.*d|d.*s/);
  });
});
