import { DfuRequest, DfuState, DfuStatus } from "@flashline/dfu-core/protocol";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { parseFault } from "../faults/parse.ts";
import { partByName } from "../parts/index.ts";
import { BASE, bytes, command, testHost, tiny } from "../testing/host.ts";
import { createVirtualUnit, type VirtualUnit } from "../unit/virtual-unit.ts";

function bench(part = tiny("F4")): {
  unit: VirtualUnit;
  host: ReturnType<typeof testHost>;
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const unit = createVirtualUnit({ part, clock });
  return { unit, host: testHost(unit, clock), clock };
}

describe("download", () => {
  it("executes at the first GETSTATUS, answers dfuDNBUSY with the poll time, then dfuDNLOAD-IDLE", () => {
    const { unit, host, clock } = bench();
    host.address(BASE);
    host.out(DfuRequest.Dnload, 2, bytes(16));
    expect(host.state()).toBe(DfuState.DnloadSync);
    expect(unit.flash.read(BASE, 1).data[0]).toBe(0xff);
    expect(host.status()).toMatchObject({ state: DfuState.DnBusy, pollMs: 1 });
    clock.advance(1);
    expect(host.status()).toMatchObject({ state: DfuState.DnloadIdle, status: DfuStatus.Ok });
    expect(unit.flash.read(BASE, 16).data).toEqual(bytes(16));
    expect(unit.illegal).toEqual([]);
  });

  it("stores block and length with the SETUP alone and executes the stale buffer", () => {
    const { unit, host, clock } = bench();
    host.address(BASE);
    host.complete(2, bytes(16, 0x10));
    unit.addFault({ kind: "lost-data", trigger: { kind: "always" } });
    host.out(DfuRequest.Dnload, 3, bytes(16, 0x80));
    host.status();
    clock.advance(1);
    expect(host.status()?.state).toBe(DfuState.DnloadIdle);
    expect(unit.flash.read(BASE + 16, 16).data).toEqual(bytes(16, 0x10));
  });

  it("multiplies the block by its own transfer size, whatever the length", () => {
    const { unit, host } = bench();
    host.address(BASE + 32);
    host.complete(2, bytes(8));
    host.complete(4, bytes(8, 0x40));
    expect(unit.flash.read(BASE + 32 + 32, 8).data).toEqual(bytes(8, 0x40));
    expect(unit.illegal).toEqual([
      "dnload.after_short: block 4 after a short one without SET_ADDRESS",
    ]);
  });

  it.each([
    ["block 1", 1, 4, "dnload.block1"],
    ["more than wTransferSize", 2, 17, "dnload.too_long"],
  ])("stalls %s", (_, block, length, code) => {
    const { unit, host } = bench();
    expect(host.out(DfuRequest.Dnload, block, bytes(length)).kind).toBe("stall");
    expect(unit.illegal[0]).toContain(code);
  });

  it("stalls a DNLOAD while busy and stays busy", () => {
    const { unit, host } = bench();
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
    host.status();
    expect(host.out(DfuRequest.Dnload, 2, bytes(4)).kind).toBe("stall");
    expect(host.state()).toBe(DfuState.DnBusy);
    expect(unit.illegal[0]).toContain("dnload.state");
  });

  it("answers an unknown command with dfuERROR/errSTALLEDPKT and a foreign address with errTARGET", () => {
    const { host } = bench();
    expect(host.complete(0, Uint8Array.of(0x77))).toMatchObject({
      state: DfuState.Error,
      status: DfuStatus.ErrStalledPacket,
    });
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.state()).toBe(DfuState.Idle);
    expect(host.address(0x2000_0000)).toMatchObject({ status: DfuStatus.ErrTarget });
  });
});

describe("upload", () => {
  it("is refused from dfuDNLOAD-IDLE and allowed after ABORT, and shares the download's buffer", () => {
    const { unit, host, clock } = bench();
    host.write(BASE, bytes(16));
    expect(host.in(DfuRequest.Upload, 2, 16).kind).toBe("stall");
    host.out(DfuRequest.Abort, 0);
    expect(host.in(DfuRequest.Upload, 2, 16)).toMatchObject({ data: bytes(16) });
    host.out(DfuRequest.Abort, 0);
    unit.addFault({ kind: "lost-data", trigger: { kind: "always" } });
    host.address(BASE);
    expect(unit.illegal).toEqual(["upload.state: in state 5", "command.unknown: 1 of 5 bytes"]);
    clock.advance(1);
  });

  it("ends with an empty one, which leads out of no other state: not of an erase, nor of a wedge", () => {
    const { host } = bench();
    expect(host.in(DfuRequest.Upload, 2, 16).kind).toBe("data");
    expect(host.in(DfuRequest.Upload, 2, 0).kind).toBe("data");
    expect(host.state()).toBe(DfuState.Idle);
    for (const fault of [[], [parseFault("busy-wedge=never@1").fault]]) {
      const { unit, host, clock } = bench();
      for (const one of fault) unit.addFault(one);
      host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
      host.status();
      expect(host.in(DfuRequest.Upload, 2, 0).kind).toBe("stall");
      expect(host.state()).toBe(DfuState.DnBusy);
      expect(host.out(DfuRequest.Dnload, 0, command(0x41, BASE)).kind).toBe("stall");
      clock.advance(60_000);
      expect(host.state()).toBe(fault.length === 0 ? DfuState.DnloadSync : DfuState.DnBusy);
    }
  });

  it("gives what there is of a block that reaches beyond the memory, and holds it against the host", () => {
    for (const [end, has] of [
      [BASE + 0x10_0000, 256],
      [0x1fff_c010, 8],
    ] as const) {
      const { unit, host } = bench(partByName("f405"));
      host.read(end - has, has);
      expect(unit.illegal).toEqual([]);
      const reply = host.read(end - has, 2048);
      expect(reply).toMatchObject({ kind: "data", data: { length: has } });
      expect(unit.illegal).toEqual([
        `upload.outside: no memory at 0x${end.toString(16).padStart(8, "0")}`,
      ]);
    }
  });

  it("of block 1 leads into dfuERROR", () => {
    const { unit, host } = bench();
    expect(host.in(DfuRequest.Upload, 1, 16).kind).toBe("stall");
    expect(host.status()).toMatchObject({
      state: DfuState.Error,
      status: DfuStatus.ErrStalledPacket,
    });
    expect(unit.illegal).toEqual(["upload.block1: wBlockNum 1 is reserved"]);
  });

  it("lists its commands in block 0", () => {
    const { host } = bench();
    expect(host.in(DfuRequest.Upload, 0, 16)).toMatchObject({
      data: Uint8Array.of(0, 0x21, 0x41, 0x92),
    });
  });

  it.each([
    ["F4", DfuStatus.ErrVendor],
    ["U5", DfuStatus.Ok],
  ] as const)(
    "%s under read protection: every erase and write is answered alike and not done",
    (family, status) => {
      const { unit, host } = bench(tiny(family));
      unit.flash.load(BASE, bytes(16));
      unit.addFault({ kind: "read-protect", level: 1 });
      const answers = [
        () => host.erase(BASE),
        () => host.write(BASE, bytes(16, 9)),
        () => host.complete(0, Uint8Array.of(0x41)),
      ].map((ask) => {
        const answer = ask()?.status;
        host.out(host.state() === DfuState.Error ? DfuRequest.ClrStatus : DfuRequest.Abort, 0);
        return answer;
      });
      expect(answers).toEqual([status, status, status]);
      expect(unit.flash.snapshot().slice(0, 16)).toEqual(bytes(16));
    },
  );

  it("reports errVENDOR under read protection, on U5 only for reading while it drops writes", () => {
    for (const [family, writeStatus] of [
      ["F4", DfuStatus.ErrVendor],
      ["U5", DfuStatus.Ok],
    ] as const) {
      const { unit, host } = bench(tiny(family));
      unit.addFault({ kind: "read-protect", level: 1 });
      expect(host.write(BASE, bytes(16))?.status).toBe(writeStatus);
      host.out(host.state() === DfuState.Error ? DfuRequest.ClrStatus : DfuRequest.Abort, 0);
      expect(host.read(BASE, 16).kind).toBe("stall");
      expect(unit.flash.read(BASE, 1).data[0]).toBe(0xff);
    }
  });
});

describe("the form of requests", () => {
  it.each([
    [DfuRequest.GetState, "out", 0, "request.direction: bRequest 5 as OUT"],
    [DfuRequest.Abort, "in", 0, "request.direction: bRequest 6 as IN"],
    [DfuRequest.ClrStatus, "in", 0, "request.direction: bRequest 4 as IN"],
    [DfuRequest.GetStatus, "in", 0, "request.length: bRequest 3 of 0 bytes, 6 expected"],
    [DfuRequest.GetStatus, "in", 5, "request.length: bRequest 3 of 5 bytes, 6 expected"],
    [DfuRequest.GetStatus, "in", 64, "request.length: bRequest 3 of 64 bytes, 6 expected"],
    [DfuRequest.GetState, "in", 6, "request.length: bRequest 5 of 6 bytes, 1 expected"],
  ] as const)(
    "request %d %s with wLength %d is held against the host",
    (request, way, length, reason) => {
      const { unit, host } = bench();
      const reply = way === "out" ? host.out(request, 0) : host.in(request, 0, length);
      expect(reply.kind).toBe("data");
      expect(unit.illegal[0]).toBe(reason);
    },
  );

  it("is right where a host keeps to it", () => {
    const { unit, host } = bench();
    host.status();
    host.state();
    host.out(DfuRequest.Abort, 0);
    host.out(DfuRequest.ClrStatus, 0);
    host.out(DfuRequest.ClrStatus, 0);
    expect(unit.illegal).toEqual(["clrstatus.state: in state 2"]);
  });
});

describe("differences between ROMs", () => {
  it.each([
    ["busy", "F4", "busy"],
    ["stall", "L4", "stall"],
  ] as const)("an early GETSTATUS: %s", (earlyPoll, family, expected) => {
    const { unit, host } = bench(tiny(family, { earlyPoll }));
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
    host.status();
    if (expected === "busy") {
      expect(host.status()).toMatchObject({ state: DfuState.DnBusy });
    } else {
      expect(host.status()).toBeUndefined();
      expect(unit.illegal[0]).toContain("poll.early");
    }
  });

  it("F7 holds the bus until the operation is over", () => {
    const { host } = bench(tiny("F7", { earlyPoll: "block" }));
    host.out(DfuRequest.Dnload, 0, command(0x41, BASE));
    host.status();
    expect(host.in(DfuRequest.GetStatus, 0, 6)).toMatchObject({ kind: "data", afterMs: 250 });
    expect(host.state()).toBe(DfuState.DnloadIdle);
  });

  it("CLRSTATUS outside dfuERROR makes the library enter dfuERROR/errUNKNOWN", () => {
    const { host } = bench();
    host.out(DfuRequest.ClrStatus, 0);
    expect(host.status()).toMatchObject({ state: DfuState.Error, status: DfuStatus.ErrUnknown });
    const strict = bench(tiny("F4", { clrStatusOutsideError: "stall" }));
    expect(strict.host.out(DfuRequest.ClrStatus, 0).kind).toBe("stall");
  });

  it("F407 starts in dfuERROR with status 10 and keeps it through enumeration", () => {
    const { unit, host } = bench(partByName("f407"));
    unit.busReset();
    unit.handleControl({ requestType: 0, request: 9, value: 1, index: 0, length: 0 });
    expect(host.status()).toMatchObject({ state: DfuState.Error, status: 10 });
    host.out(DfuRequest.ClrStatus, 0);
    unit.busReset();
    expect(host.state()).toBe(DfuState.Idle);
  });

  it("F405 announces 100 ms for a mass erase that takes seconds; the library loses the middle byte", () => {
    const { host } = bench(partByName("f405"));
    host.out(DfuRequest.Dnload, 0, Uint8Array.of(0x41));
    expect(host.status()).toMatchObject({ pollMs: 100 });
    const library = bench({
      ...partByName("f446"),
      rom: { ...partByName("f446").rom, pollReport: "modulo256" },
    });
    library.host.out(DfuRequest.Dnload, 0, command(0x41, BASE + 0x1_0000));
    expect(library.host.status()).toMatchObject({ pollMs: 550 % 256 });
  });
});

describe("leave", () => {
  const vector = Uint8Array.of(0, 0x10, 0, 0x20, 0x09, 0, 0, 8);

  it("starts a plausible image and is no DFU device any more", () => {
    const { unit, host } = bench();
    unit.flash.load(BASE, vector);
    host.address(BASE);
    host.out(DfuRequest.Dnload, 2);
    expect(host.status()).toMatchObject({ state: DfuState.Manifest });
    expect(unit.mode).toBe("application");
    expect(host.status()).toBeUndefined();
    unit.powerCycle();
    expect(unit.mode).toBe("absent");
  });

  it("comes back as a bootloader when there is nothing to start, with a new device number", () => {
    const { unit, host, clock } = bench(tiny("G0", { leaveStatus: "missing" }));
    const before = unit.deviceNumber;
    host.out(DfuRequest.Dnload, 0);
    expect(host.status()).toBeUndefined();
    expect(unit.mode).toBe("absent");
    clock.advance(unit.backInMs ?? 0);
    expect(unit.mode).toBe("bootloader");
    expect(unit.deviceNumber).toBe(before + 1);
  });
});
