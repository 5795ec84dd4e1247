// Links and units that fail: what passes after all, and what each failure is called.
import { type EngineEvent, type FlashReport, flashUnit } from "@flashline/dfu-core";
import { DfuRequest, LinkError, LinkFault, wrapTransport } from "@flashline/dfu-core/protocol";
import { definePart, type Fault, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const image = imageAt(DATA);
const f4 = { image, family: "F4" } as const;
const fault = (text: string): Fault => parseFault(text).fault;
const codes = (report: FlashReport) => report.incidents.map((incident) => incident.code);

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
    expect(report).toMatchObject({ outcome: "PASS", startProfile: "standard" });
    expect(events.filter(({ event }) => event === "profile")).toEqual([
      { event: "profile", from: "standard", to: "gentle", cause: "link.stall" },
      // And back, after a clean stretch.
      { event: "profile", from: "gentle", to: "standard" },
    ]);
    expect(report.profile).toBe("standard");
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

  it("goes on after a drop while it looks what became of a block", async () => {
    const { transport, clock, unit } = bench({ before: pattern(384, 9) });
    let [block, failed, dropped] = [false, false, false];
    unit.onTransfer((setup, data) => {
      // The address that is to be read.
      if (!failed || dropped || setup.value !== 0 || data[0] !== 0x21) return;
      dropped = true;
      unit.unplug(200);
    });
    const lost = wrapTransport(transport, {
      controlOut: (request, value, data, timeoutMs) => {
        block = request === DfuRequest.Dnload && value >= 2;
        return transport.controlOut(request, value, data, timeoutMs);
      },
      controlIn: async (request, value, length, timeoutMs) => {
        const reply = await transport.controlIn(request, value, length, timeoutMs);
        if (!block || failed || request !== DfuRequest.GetStatus) return reply;
        failed = true;
        throw new LinkError(LinkFault.Io, "EPROTO");
      },
    });
    const report = await flashUnit({ ...f4, clock, transport: lost });
    expect(dropped).toBe(true);
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(unit.flash.read(BASE, 300).data).toEqual(DATA);
  });
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
