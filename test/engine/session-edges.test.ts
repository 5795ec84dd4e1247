// What a session does at its edges: polling, a platform that cannot do everything, leaving, the ends of memory.
import { eraseUnit, flashUnit, leaveUnit, readUnit } from "@flashline/dfu-core";
import { DfuRequest, LinkError, LinkFault, wrapTransport } from "@flashline/dfu-core/protocol";
import { definePart, parseFault } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, expectNothingUnasked, imageAt, pattern } from "./bench.ts";

const BASE = 0x08000000;
const DATA = pattern(300);
const image = imageAt(DATA);
const f4 = { image, family: "F4" } as const;

describe("a poll that comes too early", () => {
  it("is stalled by L4, asked about with GETSTATE and repeated", async () => {
    const part = definePart({
      family: "L4",
      sectors: [[6, 64]],
      transferSize: 32,
      rom: { earlyPoll: "stall" },
    });
    const slow = bench({
      part,
      before: pattern(384, 9),
      faults: [parseFault("slow-busy=5").fault],
    });
    const report = await slow.flash({ image, family: "L4" });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ code }) => code)).toContain("link.stall");
    const never = bench({ part, faults: [parseFault("slow-busy=1000000").fault] });
    expect(await never.flash({ image, family: "L4" })).toMatchObject({
      outcome: "FAIL",
      code: "link.busy_wedge",
    });
  });
});

describe("reading flash that looks like a command", () => {
  it("puts Get Commands between a block that begins like an erase and the next SET_ADDRESS", async () => {
    const data = new Uint8Array(384).fill(0x41);
    const { unit, transport, clock } = bench({ before: data });
    const order: string[] = [];
    unit.onTransfer((setup) => {
      if (setup.request === DfuRequest.Upload) order.push(setup.value === 0 ? "commands" : "read");
      if (setup.request === DfuRequest.Dnload) order.push("address");
    });
    const report = await readUnit({
      transport,
      clock,
      family: "F4",
      profile: "gentle",
      address: BASE,
      length: 384,
    });
    expect(report.data).toEqual(data);
    expect(order.join(" ")).not.toContain("read address");
    expect(unit.counters.erases).toBe(0);
  });
});

describe("a platform that cannot do everything", () => {
  it("does without a bus reset", async () => {
    const { transport, clock, unit, destructive } = bench({
      before: pattern(384, 9),
      faults: [parseFault("busy-wedge=powercycle@4").fault],
    });
    const report = await flashUnit({
      clock,
      transport: wrapTransport(transport, { reset: () => Promise.resolve(false) }),
      ...f4,
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "link.busy_wedge" });
    expect(report.incidents.map(({ code }) => code)).not.toContain("link.bus_reset");
    expect(unit.counters.busResets).toBe(0);
    expectNothingUnasked(unit, destructive);
  });

  it.each(["reset", "powerCycle"] as const)(
    "takes a %s that fails for one that did not help",
    async (method) => {
      const { transport, clock } = bench({
        faults: [parseFault("busy-wedge=never@4").fault],
      });
      const failing = () => Promise.reject(new LinkError(LinkFault.Io, "no such ioctl"));
      const report = await flashUnit({
        clock,
        transport: wrapTransport(transport, { [method]: failing }),
        ...f4,
      });
      expect(report).toMatchObject({ outcome: "FAIL", code: "link.busy_wedge" });
    },
  );

  it("calls what a transport throws against its contract a bug", async () => {
    const { transport, clock } = bench();
    const broken = wrapTransport(transport, {
      controlIn: () => Promise.reject(new TypeError("oops")),
    });
    expect(await flashUnit({ clock, transport: broken, ...f4 })).toMatchObject({
      outcome: "FAIL",
      code: "internal.bug",
      detail: "TypeError: oops",
    });
    const odd = wrapTransport(transport, { reset: () => Promise.reject(new RangeError("odd")) });
    odd.controlIn = () => Promise.reject(new LinkError(LinkFault.Timeout, "silence"));
    expect(await flashUnit({ clock, transport: odd, ...f4 })).toMatchObject({
      code: "internal.bug",
    });
    const mute = wrapTransport(transport, { controlIn: () => Promise.resolve(new Uint8Array(0)) });
    expect(await flashUnit({ clock, transport: mute, ...f4 })).toMatchObject({
      code: "link.desync",
    });
  });

  it("refuses a device in its application", async () => {
    const { transport, clock } = bench();
    const running = wrapTransport(transport, {
      controlIn: () => Promise.resolve(Uint8Array.of(0)),
    });
    expect(await flashUnit({ clock, transport: running, ...f4 })).toMatchObject({
      code: "device.not_dfu",
      touched: false,
    });
  });
});

describe("leaving", () => {
  const vectors = () => {
    const bytes = new Uint8Array(64);
    new DataView(bytes.buffer).setUint32(0, 0x20001000, true);
    new DataView(bytes.buffer).setUint32(4, BASE + 0x101, true);
    return bytes;
  };

  it("is an incident and no failure when its last DNLOAD is not answered", async () => {
    const { transport, clock } = bench({ before: vectors() });
    const silent = wrapTransport(transport, {
      controlOut: (request, value, data, timeoutMs) =>
        request === DfuRequest.Dnload && data.length === 0
          ? Promise.reject(new LinkError(LinkFault.Timeout, "silence"))
          : transport.controlOut(request, value, data, timeoutMs),
    });
    const report = await leaveUnit({ clock, transport: silent });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents[0]?.detail).toContain("leave to 0x08000000");
  });

  it("goes nowhere outside the memory", async () => {
    const { transport, clock, unit } = bench();
    expect(await leaveUnit({ clock, transport, address: 0x20000000 })).toMatchObject({
      code: "usage.argument",
    });
    expect(unit.counters.leaves).toBe(0);
  });
});

describe("tools at the edges of memory", () => {
  it.each([
    [{ address: BASE + 300, length: 100 }, "usage.range"],
    [{ address: BASE - 4, length: 8 }, "usage.range"],
    [{ address: BASE, length: 0 }, "usage.argument"],
  ])("erase %j: %s", async (range, code) => {
    const io = bench();
    expect(await eraseUnit({ ...io, family: "F4", ...range })).toMatchObject({
      code,
      touched: false,
    });
  });

  it("a mass erase goes on after a stall, and is what was asked for", async () => {
    const io = bench({ before: DATA, faults: [parseFault("stall=1").fault] });
    const report = await eraseUnit({ ...io, family: "F4", mass: true });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(io.unit.flash.snapshot()).toEqual(new Uint8Array(384).fill(0xff));
  });

  it("nothing is read outside of it", async () => {
    const report = await readUnit({ ...bench(), family: "F4", address: 0x20000000, length: 4 });
    expect(report).toMatchObject({ code: "usage.range", address: 0x20000000, touched: false });
  });

  it("what cannot be read is not", async () => {
    const part = definePart({
      family: "F4",
      sectors: [[6, 64]],
      alternates: ["@Internal Flash  /0x08000000/02*064 f,04*064 g"],
    });
    const report = await readUnit({ ...bench({ part }), address: BASE, length: 64 });
    expect(report).toMatchObject({ code: "usage.range", touched: false });
  });

  it("a read begins anew when the unit drops off in the middle", async () => {
    const io = bench({ before: pattern(384, 4) });
    let reads = 0;
    io.unit.onTransfer((setup) => {
      if (setup.request !== DfuRequest.Upload || setup.value < 2) return;
      reads += 1;
      if (reads === 7) io.unit.unplug(200);
    });
    const report = await readUnit({ ...io, family: "F4", address: BASE, length: 384 });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.data).toEqual(pattern(384, 4));
  });
});
