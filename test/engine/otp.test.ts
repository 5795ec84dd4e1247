import { writeOtp } from "@flashline/dfu-core";
import { DfuRequest, wrapTransport } from "@flashline/dfu-core/protocol";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, pattern } from "./bench.ts";
import { answering } from "./bent.ts";

const fault = (text: string) => parseFault(text).fault;
const f407 = partByName("f407");

describe("one-time memory", () => {
  const address = 0x1fff7800;
  const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const confirmed = "otp";

  it("that does not keep what was written is no PASS", async () => {
    const io = bench({ part: f407 });
    const transport = answering(io.transport, (request, value, length) =>
      request === DfuRequest.Upload && value >= 2 ? new Uint8Array(length).fill(0xff) : undefined,
    );
    expect(await writeOtp({ ...io, transport, address, data, confirmed })).toMatchObject({
      outcome: "FAIL",
      code: "options.not_kept",
    });
  });

  it("is written only where it is not written already", async () => {
    const io = bench({ part: f407 });
    await writeOtp({ ...io, address, data: data.slice(0, 4), confirmed });
    const addresses: number[] = [];
    let pointer = 0;
    io.unit.onTransfer((setup, sent) => {
      if (setup.request !== DfuRequest.Dnload || sent.length === 0) return;
      if (setup.value === 0 && sent[0] === 0x21)
        pointer = new DataView(sent.buffer, sent.byteOffset).getUint32(1, true);
      if (setup.value >= 2) addresses.push(pointer);
    });
    expect(await writeOtp({ ...io, address, data, confirmed })).toMatchObject({ outcome: "PASS" });
    expect(new Set(addresses)).toEqual(new Set(addresses.filter((at) => at >= address + 4)));
    expect(addresses.length).toBeGreaterThan(0);
  });

  it("with ECC takes no second program, even one that only clears bits", async () => {
    const io = bench({ part: partByName("l476") });
    const at = 0x1fff7000;
    const first = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    expect(await writeOtp({ ...io, address: at, data: first, confirmed })).toMatchObject({
      outcome: "PASS",
    });
    const cleared = first.map((byte) => byte & 0xf0);
    expect(await writeOtp({ ...io, address: at, data: cleared, confirmed })).toMatchObject({
      code: "options.otp",
    });
    expect(io.unit.illegal).toEqual([]);
  });

  it.each([
    ["l476, which takes one program a unit", "l476", 0x1fff7000],
    ["f407, whose bits went the wrong way", "f407", address],
  ])("is not programmed again after a power cut left something else: %s", async (_, name, at) => {
    const io = bench({ part: partByName(name) });
    const torn = Uint8Array.of(1, 2, 3, 0, 0, 0, 0xff, 0xff);
    let programs = 0;
    const transport = wrapTransport(io.transport, {
      controlOut: async (request, value, sent, timeoutMs) => {
        const content = request === DfuRequest.Dnload && value >= 2 && sent.length > 0;
        if (content) programs += 1;
        const cut = content && programs === 1;
        const taken = cut ? torn.subarray(0, sent.length) : sent;
        await io.transport.controlOut(request, value, taken, timeoutMs);
        if (!cut) return;
        await io.transport.controlIn(DfuRequest.GetStatus, 0, 6, timeoutMs);
        io.unit.unplug(100);
      },
    });
    const report = await writeOtp({
      ...io,
      transport,
      address: at,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      confirmed,
    });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.otp" });
    expect(programs).toBe(1);
  });

  it.each([
    ["half a unit", { part: partByName("l476") }, 0x1fff7000, 4, "usage.argument"],
    ["nothing", { part: f407 }, address, 0, "usage.argument"],
    [
      "a memory that nobody understands",
      {
        part: definePart({
          family: "F4",
          sectors: [[6, 64]],
          alternates: ["@Internal Flash  /0x08000000/06*064 g", "@OTP Memory /?"],
        }),
      },
      address,
      8,
      "usage.range",
    ],
  ] as const)("takes not: %s", async (_, options, at, length, code) => {
    const io = bench(options);
    const report = await writeOtp({ ...io, address: at, data: pattern(length), confirmed });
    expect(report).toMatchObject({ outcome: "FAIL", code, touched: false });
    expect(io.destructive).toEqual([]);
  });

  it("is programmed once over a link that loses every second status", async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const io = bench({ part: f407, faults: [fault("lost-status=0.2")], seed });
      const report = await writeOtp({ ...io, address, data, confirmed });
      expect(report.code).not.toBe("internal.bug");
      expect(io.unit.illegal).toEqual([]);
      if (report.outcome === "PASS") expect(report.bytes).toBe(8);
    }
  });
});
