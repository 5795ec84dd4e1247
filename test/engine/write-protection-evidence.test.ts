// Option bytes that do not tell of write protection beforehand, and what they are worth once a sector did not take what was written.
import { flashUnit } from "@flashline/dfu-core";
import {
  DfuRequest,
  DfuStatus,
  LinkError,
  LinkFault,
  wrapTransport,
} from "@flashline/dfu-core/protocol";
import { parseFault, partByName } from "@flashline/virtual-stm32";
import { describe, expect, it } from "vitest";
import { bench, imageAt, pattern } from "./bench.ts";
import { isRead, refusing } from "./bent.ts";
import { sectorAt, withOptions, word } from "./option-parts.ts";

const BASE = 0x08000000;
const K = 1024;

describe("option bytes that cannot be read", () => {
  const image = imageAt(pattern(3000));
  const bend = (
    answer: (reads: number, io: ReturnType<typeof bench>) => Promise<Uint8Array> | undefined,
  ) => {
    const io = bench({ part: partByName("f407") });
    let alternate = 0;
    let reads = 0;
    const transport = wrapTransport(io.transport, {
      selectAlternate: (wanted, signal) => {
        alternate = wanted;
        return io.transport.selectAlternate(wanted, signal);
      },
      controlIn: (request, value, length, timeoutMs, signal) => {
        const made = alternate === 1 && isRead(request, value) ? answer(++reads, io) : undefined;
        return made ?? io.transport.controlIn(request, value, length, timeoutMs, signal);
      },
    });
    return { ...io, transport };
  };
  const stall = () => Promise.reject(new LinkError(LinkFault.Stall, "STALL"));

  it("keep nobody from flashing, and a ROM that always refuses is no bad host", async () => {
    const { clock, transport } = bend(stall);
    const report = await flashUnit({ clock, transport, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: false, profile: "standard" });
  });

  it.each([
    [
      "a refusal that vanishes",
      (reads: number) => (reads === 1 ? stall() : undefined),
      "link.stall",
    ],
    [
      "silence",
      (reads: number, { clock }: ReturnType<typeof bench>) =>
        reads > 1
          ? undefined
          : clock.sleep(2000).then(() => {
              throw new LinkError(LinkFault.Timeout, "silence");
            }),
      "link.timeout",
    ],
  ])("%s is the link's", async (_, answer, code) => {
    const { clock, transport } = bend(answer);
    const report = await flashUnit({ clock, transport, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map((incident) => incident.code)).toContain(code);
  });

  it("a refusal in words that vanishes was false", async () => {
    const io = bench({ part: partByName("f407") });
    let alternate = 0;
    const chosen = wrapTransport(io.transport, {
      selectAlternate: (wanted, signal) => {
        alternate = wanted;
        return io.transport.selectAlternate(wanted, signal);
      },
    });
    const transport = refusing(
      chosen,
      DfuStatus.ErrVendor,
      1,
      (_request, value, data) => alternate === 1 && value === 0 && data[0] === 0x21,
    );
    const report = await flashUnit({ clock: io.clock, transport, image });
    expect(report).toMatchObject({ outcome: "PASS", linkIncident: true });
    expect(report.incidents.map(({ code }) => code)).toContain("link.false_status");
  });

  it("one read is not enough: what the second does not confirm is not believed", async () => {
    const lie = Uint8Array.from([
      0xff, 0xaa, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ]);
    const { clock, transport, unit } = bend((reads, io) =>
      reads === 1
        ? io.transport.controlIn(DfuRequest.Upload, 2, 16, 100).then(() => lie)
        : undefined,
    );
    expect(await flashUnit({ clock, transport, image })).toMatchObject({ outcome: "PASS" });
    expect(unit.flash.read(BASE, 3000).data).toEqual(pattern(3000));
  });

  it("are not read where the table only explains, nor where there is nothing to write", async () => {
    for (const [name, before] of [
      ["h743", undefined],
      ["f407", pattern(3000)],
    ] as const) {
      const io = bench({ part: partByName(name), ...(before === undefined ? {} : { before }) });
      const alternates: number[] = [];
      io.unit.onTransfer(() => alternates.push(io.unit.alternate));
      expect(await io.flash({ image })).toMatchObject({ outcome: "PASS" });
      expect(new Set(alternates)).toEqual(new Set([0]));
    }
  });
});

describe("a sector that proves not to be writable", () => {
  const fault = (text: string) => [parseFault(text).fault];

  it.each([
    // The seal is not erased.
    ["h743", { 28: 0xfe, 32: 0xfe }, "write-protect=0", pattern(2000, 9), "WRPSn1 is 0xfe"],
    // A blank sector takes nothing: before, this was a silent drop.
    ["h743", { 28: 0xfd, 32: 0xfd }, "write-protect=1", undefined, "WRPSn1 is 0xfd"],
    ["f722", { 1: 0xaa, 8: 0xfd, 9: 0x0f }, "write-protect=1", undefined, "nWRP is 0xffd"],
    ["l4r5", word(24, 0x0001_0001), "write-protect=1", undefined, "WRP1A_STRT is 0x1"],
  ])("%s: the option bytes are the second evidence", async (name, options, text, before, says) => {
    const part = withOptions(name, options);
    const { size } = sectorAt(part, BASE);
    const io = bench({ part, faults: fault(text), ...(before === undefined ? {} : { before }) });
    const report = await io.flash({ image: imageAt(pattern(size + 200)) });
    expect(report).toMatchObject({ outcome: "FAIL", code: "flash.write_protected", blame: "unit" });
    expect(report.touched).toBe(true);
    expect(report.detail).toContain(says);
    expect(report.detail).toContain(
      part.family === "F7" ? "does not write option bytes of F7" : "to clear: ",
    );
  });

  it("stays what it is where the option bytes do not name it", async () => {
    const part = withOptions("h743", { 28: 0xfb, 32: 0xfb });
    const image = imageAt(pattern(128 * K + 200));
    const { flash } = bench({ part, faults: fault("write-protect=1") });
    expect(await flash({ image })).toMatchObject({ code: "flash.silent_drop" });
  });

  it("stays what it is where they cannot be read then", async () => {
    const part = withOptions("h743", { 28: 0xfd, 32: 0xfd });
    const { transport, clock } = bench({ part, faults: fault("write-protect=1") });
    const blind = wrapTransport(transport, {
      selectAlternate: (alternate, signal) =>
        alternate === 1
          ? Promise.reject(new LinkError(LinkFault.Stall, "STALL"))
          : transport.selectAlternate(alternate, signal),
    });
    const image = imageAt(pattern(128 * K + 200));
    expect(await flashUnit({ transport: blind, clock, image })).toMatchObject({
      code: "flash.silent_drop",
    });
  });

  it("is a bug's where the transport breaks over the second evidence", async () => {
    const part = withOptions("h743", { 28: 0xfd, 32: 0xfd });
    const { transport, clock } = bench({ part, faults: fault("write-protect=1") });
    const broken = wrapTransport(transport, {
      selectAlternate: (alternate, signal) =>
        alternate === 1
          ? Promise.reject(new TypeError("oops"))
          : transport.selectAlternate(alternate, signal),
    });
    const image = imageAt(pattern(128 * K + 200));
    expect(await flashUnit({ transport: broken, clock, image })).toMatchObject({
      outcome: "FAIL",
      code: "internal.bug",
      detail: "TypeError: oops",
    });
  });

  it.each([
    ["f429", "F4", { 8: 0xfd }, "01*064Kg,05*128Kg"],
    ["f722", "F7", { 1: 0xaa, 8: 0xfd, 9: 0x0f }, "01*064Kg,02*128Kg"],
  ] as const)(
    "%s stays what it is where nobody knows its banks",
    async (name, family, options, rest) => {
      const part = withOptions(name, options);
      const alternates = part.alternates.with(0, `@Internal Flash  /0x08000000/04*016Kg,${rest}`);
      const { flash } = bench({ part: { ...part, alternates }, faults: fault("write-protect=1") });
      const report = await flash({ image: imageAt(pattern(20_000)), family });
      expect(report).toMatchObject({ outcome: "FAIL", code: "flash.silent_drop", touched: true });
    },
  );
});
