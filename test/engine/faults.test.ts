import { type EngineEvent, type FlashReport, flashUnit, PROFILE_NAMES } from "@flashline/dfu-core";
import { DfuRequest, DfuState } from "@flashline/dfu-core/protocol";
import { definePart, type Fault, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const image = imageAt(DATA);
const f4 = { image, family: "F4" } as const;
const fault = (text: string): Fault => parseFault(text).fault;
const codes = (report: FlashReport) => report.incidents.map((incident) => incident.code);

describe("a healthy unit", () => {
  it.each(PROFILE_NAMES)("passes with profile %s and holds the image", async (profile) => {
    const { flash, unit, destructive } = bench({ before: pattern(384, 9) });
    const report = await flash({ ...f4, profile });
    expect(report).toMatchObject({
      outcome: "PASS",
      bytes: 300,
      linkIncident: false,
      incidents: [],
    });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    expect(unit.illegal).toEqual([]);
    expect(destructive).toEqual([]);
  });

  it.each(["f072", "f107", "f407", "f429", "l072", "l476", "g0b1", "g0b1xb", "h743", "u585"])(
    "passes as %s without a legal complaint, whatever it held before",
    async (name) => {
      const part = partByName(name);
      const data = pattern(5001);
      const { flash, unit } = bench({ part, before: pattern(20_000, 3) });
      const report = await flash({ image: imageAt(data) });
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
      expect(unit.flash.read(BASE, data.length).data).toEqual(data);
      expect(unit.illegal).toEqual([]);
    },
  );

  it("is not written again when it holds the image, and that one read is the verification", async () => {
    const { flash, unit } = bench({ before: DATA });
    const report = await flash(f4);
    expect(report).toMatchObject({ outcome: "PASS", bytes: 300, erasedSectors: 0, touched: false });
    expect(unit.counters).toMatchObject({ erases: 0, programs: 0 });
  });

  it("is not erased where it is blank, but for the sector that is sealed", async () => {
    const { flash, unit } = bench();
    expect(await flash(f4)).toMatchObject({ outcome: "PASS", erasedSectors: 1, skippedSectors: 3 });
    expect(unit.counters.erases).toBe(1);
  });

  it("is erased everywhere before anything is read after an interrupted attempt", async () => {
    const { flash, unit } = bench({ before: DATA });
    const order: string[] = [];
    unit.onTransfer((setup, data) => {
      if (setup.request === 2 && setup.value >= 2) order.push("read");
      if (setup.request === 1 && data[0] === 0x41 && setup.value === 0) order.push("erase");
    });
    expect(await flash({ ...f4, knownDirty: true })).toMatchObject({ outcome: "PASS" });
    // The one read before the last erase is of the seal, in the sector that was erased first.
    expect(order.slice(0, 5)).toEqual(["erase", "read", "erase", "erase", "erase"]);
  });

  it("keeps erased sectors of ECC families out of doubt: no blank one is skipped", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const { flash, unit } = bench({ part });
    expect(await flash({ image: imageAt(pattern(200)), family: "H7" })).toMatchObject({
      outcome: "PASS",
      erasedSectors: 4,
    });
    expect(unit.illegal).toEqual([]);
  });

  it("has its first granule written last", async () => {
    const { flash, unit } = bench();
    const written: number[] = [];
    let pointer = 0;
    unit.onTransfer((setup, data) => {
      if (setup.request !== 1) return;
      if (setup.value === 0 && data[0] === 0x21) {
        pointer = new DataView(data.buffer, data.byteOffset).getUint32(1, true);
      }
      if (setup.value >= 2) written.push(pointer + (setup.value - 2) * 16);
    });
    await flash(f4);
    expect(written.at(-1)).toBe(BASE);
    expect(written.filter((address) => address === BASE)).toHaveLength(1);
  });

  it("leaves to the application when asked", async () => {
    const part = partByName("f072");
    const vectors = new Uint8Array(2048);
    new DataView(vectors.buffer).setUint32(0, 0x20001000, true);
    new DataView(vectors.buffer).setUint32(4, BASE + 0x101, true);
    const { flash, unit } = bench({ part });
    const report = await flash({ image: imageAt(vectors), leave: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false });
    expect(unit.mode).toBe("application");
  });
});

describe("a link that fails and recovers", () => {
  it.each([
    "stall=1",
    "stall=5",
    "stall=30",
    "lost-setup=2",
    "lost-setup=17",
    "lost-setup=40",
    "lost-status=9",
    "lost-status=33",
    "lost-ack=4",
    "lost-ack=20",
    "lost-data=6",
    "lost-data=22",
    "busy-wedge=abort@2",
    "busy-wedge=reset@3",
    "slow-busy=100",
    "false-vendor=3",
    "false-target=4",
  ])("passes after %s, and says that the link failed", async (text) => {
    const { flash, unit } = bench({ before: pattern(384, 9), faults: [fault(text)] });
    const report = await flash(f4);
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
  });

  it("goes one profile gentler after the first failure, and says why", async () => {
    const { transport, clock } = bench({ faults: [fault("stall=5")] });
    const events: EngineEvent[] = [];
    const onEvent = (event: EngineEvent) => events.push(event);
    const report = await flashUnit({ ...f4, transport, clock, onEvent });
    expect(report).toMatchObject({ outcome: "PASS", startProfile: "standard", profile: "gentle" });
    expect(events).toContainEqual({
      event: "profile",
      from: "standard",
      to: "gentle",
      cause: "link.stall",
    });
    expect(codes(report)).toEqual(["link.stall", "link.resync", "link.escalated"]);
    expect(events.map((event) => event.event).slice(0, 2)).toEqual(["planned", "started"]);
    expect(events.at(-1)).toEqual({ event: "finished", ...report });
  });

  it("clears the H743 wedge with CLRSTATUS twice", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const { flash, unit } = bench({ part, faults: [fault("busy-wedge=clrstatus@2")] });
    const report = await flash({ image: imageAt(pattern(200)), family: "H7" });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(codes(report)).toContain("link.busy_wedge");
    expect(unit.counters.busResets).toBe(0);
  });

  it.each(["unplug=150@2000", "reboot=150", "power-cut=150@900"])(
    "goes on after %s: what was written is read again and everything verified",
    async (text) => {
      const { flash, unit } = bench({ before: pattern(384, 9), faults: [fault(text)] });
      const report = await flash(f4);
      expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
      expect(codes(report)).toContain("link.reenumerated");
      expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
    },
  );
});

describe("a unit or link that fails for good", () => {
  it.each([
    ["silent-drop", "flash.silent_drop", "unit"],
    ["write-protect=1", "flash.write_protected", "unit"],
    ["stuck=0x08000050/1", "flash.verify_mismatch", "unit"],
    ["false-target=always", "flash.address_refused", "unit"],
    ["busy-wedge=powercycle@4", "link.busy_wedge", "host"],
    ["busy-wedge=never@2", "link.busy_wedge", "host"],
    ["lost-setup=always", "link.timeout", "host"],
    ["stall=always", "link.stall", "host"],
    ["unplug=100", "link.lost", "host"],
    ["swap=100@800", "device.other", "operator"],
  ])("%s ends with %s, blame %s, and never passes", async (text, code, blame) => {
    const { flash, destructive } = bench({ before: pattern(384, 9), faults: [fault(text)] });
    const report = await flash(f4);
    expect(report).toMatchObject({ outcome: "FAIL", code, blame });
    expect(report.detail).toBeTruthy();
    expect(destructive).toEqual([]);
  });

  it("tells in what another unit on the port differs", async () => {
    const { flash } = bench({ before: pattern(384, 9), faults: [fault("swap=100@800")] });
    const { detail } = await flash(f4);
    expect(detail).toMatch(/another device is on the port: serial was \S+, is \S+$/);
  });

  it("another unit with the same serial is found by what is not in it", async () => {
    const { transport, clock, unit } = bench({ before: pattern(384, 9) });
    let swapped = false;
    const report = await flashUnit({
      ...f4,
      transport,
      clock,
      onEvent: (event) => {
        if (swapped || event.event !== "progress" || event.phase !== "write") return;
        if (event.doneBytes < 150) return;
        swapped = true;
        unit.replace({ serial: unit.serial });
      },
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.other", blame: "operator" });
  });

  it("names the address of a write-protected page", async () => {
    const { flash } = bench({ before: pattern(384, 9), faults: [fault("write-protect=2")] });
    const report = await flash(f4);
    expect(report.code).toBe("flash.write_protected");
    expect(report.address).toBeGreaterThanOrEqual(BASE + 128);
    expect(report.address).toBeLessThan(BASE + 256);
  });

  it.each([16, 60, 130, 200, 290])(
    "does not start when pulled out after %i bytes",
    async (bytes) => {
      const { flash, unit } = bench({
        before: DATA.slice().reverse(),
        faults: [fault(`unplug=${bytes}`)],
      });
      expect(await flash(f4)).toMatchObject({ outcome: "FAIL", touched: true });
      expect([...unit.flash.read(BASE, 8).data]).toEqual(new Array(8).fill(0xff));
    },
  );
});

describe("read protection", () => {
  it.each([
    ["f407", "Get Commands answered before and answered after"],
    ["u585", "RDP byte 0x00"],
  ])("is called proven on %s: %s", async (name, evidence) => {
    const { flash, destructive } = bench({
      part: partByName(name),
      before: pattern(64),
      faults: [fault("read-protect=1")],
    });
    const report = await flash({ image });
    expect(report).toMatchObject({ outcome: "FAIL", code: "protection.read", linkIncident: false });
    expect(report.detail).toContain(evidence);
    expect(destructive).toEqual([]);
  });

  it("is not called proven where SET_ADDRESS is refused too: a protected ROM executes it", async () => {
    const { flash } = bench({ part: partByName("f407"), faults: [fault("false-vendor=always")] });
    expect(await flash({ image })).toMatchObject({
      outcome: "FAIL",
      code: "protection.not_proven",
      blame: "host",
    });
  });

  it("is a false status when it vanishes", async () => {
    const { flash } = bench({ part: partByName("f407"), faults: [fault("false-vendor=2")] });
    const report = await flash({ image });
    expect(report.outcome).toBe("PASS");
    expect(codes(report)).toContain("link.false_status");
  });
});

describe("flash that faults its reader", () => {
  it("is erased and flashed when a half-written word is met while comparing", async () => {
    const part = definePart({ family: "H7", sectors: [[4, 64]], transferSize: 32 });
    const data = pattern(200);
    const { flash, unit } = bench({ part, before: data });
    unit.flash.tear(BASE + 64, pattern(32, 5));
    const report = await flash({ image: imageAt(data), family: "H7" });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(codes(report)).toContain("flash.dirty");
    expect(unit.flash.read(BASE, 200).data).toEqual(data);
  });
});

describe("before the first erase", () => {
  it("a wrong chip is refused with the evidence", async () => {
    const { flash, unit } = bench({ part: partByName("f072") });
    const report = await flash({ image, chip: "STM32F407" });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.wrong_chip", touched: false });
    expect(report.detail).toContain("F072");
    expect(unit.counters.downloads).toBe(0);
  });

  it("an image that does not fit is refused", async () => {
    const { flash, unit } = bench({ part: partByName("f072") });
    const report = await flash({ image: imageAt(new Uint8Array(130 * 1024)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "image.does_not_fit", blame: "image" });
    expect(unit.counters.erases).toBe(0);
  });

  it("an abort cancels, and after it nothing does", async () => {
    const early = bench({ before: pattern(384, 9) });
    const controller = new AbortController();
    const cancelled = await flashUnit({
      ...f4,
      ...early,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.event === "started") controller.abort();
      },
    });
    expect(cancelled).toMatchObject({ outcome: "FAIL", code: "attempt.cancelled", touched: false });
    expect(early.unit.counters.erases).toBe(0);

    const late = bench({ before: pattern(384, 9) });
    const second = new AbortController();
    const finished = await flashUnit({
      ...f4,
      ...late,
      signal: second.signal,
      onEvent: (event) => {
        if (event.event === "progress" && event.phase === "write") second.abort();
      },
    });
    expect(finished).toMatchObject({ outcome: "PASS" });
  });

  it("a partly covered sector that is not blank is refused when the recipe says so", async () => {
    const used = bench({ before: pattern(384, 9) });
    expect(await used.flash({ ...f4, remainder: "refuse" })).toMatchObject({
      outcome: "FAIL",
      code: "plan.remainder",
      touched: false,
    });
    const blank = bench();
    expect(await blank.flash({ ...f4, remainder: "refuse" })).toMatchObject({ outcome: "PASS" });
  });

  it("a unit left in any state by another host is brought to dfuIDLE", async () => {
    const pointer = Uint8Array.of(0x21, 0, 0, 0, 8);
    const cases = [
      [[DfuRequest.Dnload, 0, pointer]],
      [
        [DfuRequest.Dnload, 0, pointer],
        [DfuRequest.GetStatus, 0, 6],
      ],
      [
        [DfuRequest.Dnload, 0, Uint8Array.of(0x55)],
        [DfuRequest.GetStatus, 0, 6],
        [DfuRequest.GetStatus, 0, 6],
      ],
      [[DfuRequest.Upload, 2, 16]],
    ] as const;
    for (const requests of cases) {
      const { flash, unit } = bench({ before: pattern(384, 9) });
      const ask = (request: number, value: number, payload: Uint8Array | number) =>
        typeof payload === "number"
          ? unit.handleControl({ requestType: 0xa1, request, value, index: 0, length: payload })
          : unit.handleControl(
              { requestType: 0x21, request, value, index: 0, length: payload.length },
              payload,
            );
      for (const [request, value, payload] of requests) ask(request, value, payload);
      const state = ask(DfuRequest.GetState, 0, 1);
      expect(state.kind === "data" ? state.data[0] : undefined).not.toBe(DfuState.Idle);
      expect(await flash(f4)).toMatchObject({ outcome: "PASS", linkIncident: false });
    }
  });

  it("a dry run plans, sends nothing and does not say PASS", async () => {
    const { flash, unit } = bench();
    const report = await flash({ ...f4, dryRun: true });
    expect(report).toMatchObject({ outcome: "FAIL", code: "attempt.cancelled", transfers: 0 });
    expect(unit.counters.controlTransfers).toBe(0);
  });
});
