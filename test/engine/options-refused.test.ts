// Option bytes and protection on units that do not do what they acknowledge.
import { readOptions, unprotectUnit, writeOptions } from "@flashline/dfu-core";
import {
  DfuRequest,
  DfuState,
  DfuStatus,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import { definePart, parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { type BenchOptions, bench, imageAt, pattern } from "./bench.ts";
import { refusing, status, swallowing } from "./bent.ts";

const BASE = 0x08000000;
const fault = (text: string) => parseFault(text).fault;
const f407 = partByName("f407");

/** A unit whose option bytes (alternate 1) keep what they are. */
function deaf(options: BenchOptions = {}) {
  const io = bench({ part: f407, ...options });
  return { ...io, transport: swallowing(io.transport, 1) };
}

describe("option bytes that a unit does not keep", () => {
  it("are no PASS: what it shows stands in the report's words", async () => {
    const io = deaf();
    const report = await writeOptions({ ...io, set: { BOR_LEV: 1 } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.not_kept" });
    expect(report.detail).toContain("BOR_LEV is 3, not 1");
  });

  it("level 1 that leaves the flash readable is not set", async () => {
    const io = deaf({ before: pattern(64) });
    const report = await writeOptions({ ...io, set: { RDP: 1 } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "protection.not_set" });
    expect(report.detail).toContain("the flash can be read");
  });

  it("level 2 that leaves a bootloader is not set", async () => {
    const io = deaf();
    const report = await writeOptions({ ...io, set: { RDP: 2 }, confirmed: ["rdp2"] });
    expect(report).toMatchObject({ outcome: "FAIL", code: "protection.not_set" });
    expect(report.detail).toContain("bootloader still answers");
  });

  it("are refused in the unit's own words", async () => {
    const io = bench({ part: f407 });
    const transport = refusing(
      io.transport,
      DfuStatus.ErrWrite,
      Number.POSITIVE_INFINITY,
      (request, value, data) => request === DfuRequest.Dnload && value >= 2 && data.length > 0,
    );
    const report = await writeOptions({ ...io, transport, set: { BOR_LEV: 1 } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.write_failed" });
    expect(io.unit.counters.optionWrites).toBe(0);
  });

  it.each(["a status that is short", "no status at all"])(
    "%s while the unit resets changes nothing: what counts is what it shows then",
    async (what) => {
      const io = deaf();
      let asked = 0;
      const transport = wrapTransport(io.transport, {
        controlIn: (request, value, length, timeoutMs) => {
          if (request !== DfuRequest.GetStatus) {
            return io.transport.controlIn(request, value, length, timeoutMs);
          }
          asked += 1;
          if (asked % 4 !== 0) return io.transport.controlIn(request, value, length, timeoutMs);
          return what === "no status at all"
            ? Promise.reject(new LinkError(LinkFault.Timeout, "silence"))
            : Promise.resolve(Uint8Array.of(0));
        },
      });
      const report = await writeOptions({ ...io, transport, set: { BOR_LEV: 1 } });
      expect(report.outcome).toBe("FAIL");
      expect(report.code).not.toBe("internal.bug");
      expect(io.unit.counters.optionWrites).toBe(0);
    },
  );
});

describe("option bytes that cannot be trusted", () => {
  const part = partByName("f072");
  const damaged = () => {
    const extra = part.extra.map((memory) => {
      const content = [...(memory.content ?? [])];
      content[5] = 0x12;
      return { ...memory, content };
    });
    return bench({ part: { ...part, extra } });
  };

  it("are never as expected", async () => {
    const { flash, unit } = damaged();
    const report = await flash({ image: imageAt(pattern(64)), expectOptions: { RDP: "0" } });
    expect(report).toMatchObject({ code: "options.complement", touched: false });
    expect(unit.counters.erases).toBe(0);
  });

  it("are not written when they read wrong right before the write", async () => {
    const io = bench({ part });
    let reads = 0;
    const transport = wrapTransport(io.transport, {
      controlIn: async (request, value, length, timeoutMs) => {
        const data = await io.transport.controlIn(request, value, length, timeoutMs);
        if (request === DfuRequest.Upload && value >= 2) reads += 1;
        return reads < 2 || request !== DfuRequest.Upload
          ? data
          : data.map((byte, at) => (at === 5 ? byte ^ 1 : byte));
      },
    });
    const report = await writeOptions({ ...io, transport, set: { nRST_STOP: 0 } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.complement" });
    expect(io.unit.counters.optionWrites).toBe(0);
  });

  it.each([
    ["no such memory", "options.not_shown", { part: partByName("g0b1") }],
    [
      "a memory too large to be one",
      "options.unknown",
      {
        part: definePart({
          family: "F4",
          sectors: [[6, 64]],
          alternates: [
            "@Internal Flash  /0x08000000/06*064 g",
            "@Option byte   /0x1FFFC000/01*4096 g",
          ],
        }),
      },
    ],
  ])("are not read: %s", async (_, code, options) => {
    const report = await readOptions(bench(options));
    expect(report).toMatchObject({ outcome: "FAIL", code, transfers: 0 });
    expect(report).not.toHaveProperty("options");
  });

  it("are read from the start again when the unit drops off between two blocks", async () => {
    const io = bench({ part: partByName("f429") });
    const addresses: number[] = [];
    io.unit.onTransfer((setup, data) => {
      if (setup.request !== DfuRequest.Dnload || setup.value !== 0 || data[0] !== 0x21) return;
      addresses.push(new DataView(data.buffer, data.byteOffset).getUint32(1, true));
      if (addresses.length === 2) io.unit.unplug(200);
    });
    const report = await readOptions(io);
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    const [first, second] = [0x1fffc000, 0x1ffec000];
    expect(addresses).toEqual([first, second, second, first, second]);
  });
});

describe("read protection", () => {
  it("waits for a power cycle where the family needs one and nobody can give it", async () => {
    const io = deaf({ part: partByName("g474") });
    const report = await writeOptions({ ...io, set: { RDP: 1 } });
    expect(report).toMatchObject({ outcome: "FAIL", code: "options.power_cycle" });
    expect(report.detail).toContain("not yet seen to work");
  });

  it("is set only over flash that can be read", async () => {
    const part = partByName("h743");
    const io = bench({ part, before: pattern(64) });
    io.unit.flash.tear(BASE + 32, pattern(32, 5));
    const report = await writeOptions({ ...io, set: { RDP: 1 }, image: imageAt(pattern(64)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.verify_mismatch", address: BASE });
    expect(io.unit.counters.optionWrites).toBe(0);
  });

  it("that is lifted and leaves flash that is not blank is no PASS", async () => {
    const io = bench({ part: f407, before: pattern(64), faults: [fault("read-protect=1")] });
    const transport = wrapTransport(io.transport, {
      reenumerate: async (deadlineMs, signal) => {
        await io.transport.reenumerate(deadlineMs, signal);
        io.unit.flash.load(BASE + 0x20000, Uint8Array.of(0x12));
      },
    });
    const report = await unprotectUnit({ ...io, transport, confirmed: "read-unprotect" });
    expect(report).toMatchObject({
      outcome: "FAIL",
      code: "protection.not_lifted",
      address: BASE + 0x20000,
    });
  });

  it("is not lifted by halves of two units that are blank: after a drop all is read again", async () => {
    const io = bench({ part: f407, before: pattern(64), faults: [fault("read-protect=1")] });
    let swapped = false;
    io.unit.onTransfer((setup, data) => {
      const erased = io.unit.counters.readUnprotects > 0 && io.unit.attached;
      const third = setup.value === 0 && data[0] === 0x21 && data[3] === 0x00 && data[2] === 0x80;
      if (swapped || !erased || setup.request !== DfuRequest.Dnload || !third) return;
      swapped = true;
      io.unit.replace({ serial: io.unit.serial });
      io.unit.flash.load(BASE, Uint8Array.of(0x12));
    });
    const report = await unprotectUnit({ ...io, confirmed: "read-unprotect" });
    expect(swapped).toBe(true);
    expect(report).toMatchObject({ code: "protection.not_lifted", address: BASE });
  });

  it("cannot be weighed on a unit that shows no flash", async () => {
    const part = definePart({
      family: "F4",
      sectors: [[6, 64]],
      alternates: ["@Option Bytes  /0x1FFFC000/01*016 e"],
    });
    const io = bench({ part });
    const report = await unprotectUnit({ ...io, family: "F4", confirmed: "read-unprotect" });
    expect(report).toMatchObject({ outcome: "FAIL", code: "device.layout" });
    expect(io.destructive).toEqual([]);
  });
});

it("a unit in dfuERROR of its own while it resets is refused, not waited for", async () => {
  const io = deaf();
  let told = false;
  const transport = wrapTransport(io.transport, {
    controlIn: async (request, value, length, timeoutMs) => {
      const answer = await io.transport.controlIn(request, value, length, timeoutMs);
      if (request !== DfuRequest.GetStatus || told || answer[4] !== DfuState.DnBusy) return answer;
      told = io.unit.alternate === 1;
      return told ? status(DfuStatus.ErrVendor, DfuState.Error) : answer;
    },
  });
  const report = await writeOptions({ ...io, transport, set: { BOR_LEV: 1 } });
  expect(report.outcome).toBe("FAIL");
  expect(io.unit.counters.optionWrites).toBe(0);
});
